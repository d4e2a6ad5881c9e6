import { existsSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { parseMatrix } from '@welkin/links'

/** Where measured data lie; none is part of the project. */
const DATA = process.env['WELKIN_DATA'] ?? fileURLToPath(new URL('../../../../../shared/data', import.meta.url))

const USUAL = ['planetlab490_slice01_ms.csv.gz', 'wondernetwork_avg_ms.csv.gz']

/** Round trips between the nodes of one file; undefined: not measured. */
export interface NamedMatrix { name: string, size: number, rttMs: (from: number, to: number) => number | undefined }

/** Those of the files, else the usual ones as far as they are there. Rejects EINVAL for what is no matrix. */
export function readMatrices (files: readonly string[]): NamedMatrix[] {
  const paths = files.length > 0 ? files : USUAL.map(name => join(DATA, name)).filter(path => existsSync(path))
  return paths.map(read)
}

function read (path: string): NamedMatrix {
  const bytes = readFileSync(path)
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
  const { rttMs, isMeasured } = parseMatrix(text)
  // A place that hardly anybody has measured is no node.
  const peersOf = (from: number): number =>
    (rttMs[from] ?? []).filter((ms, to) => ms > 0 && isMeasured(from, to)).length
  const nodes = rttMs.map((_, from) => from).filter(from => peersOf(from) >= Math.min(8, rttMs.length - 1))
  return {
    name: basename(path).replace(/\..*$/, ''),
    size: nodes.length,
    rttMs: (from, to) => {
      const [row, column] = [nodes[from] as number, nodes[to] as number]
      const ms = rttMs[row]?.[column] ?? 0
      return ms > 0 && isMeasured(row, column) ? ms : undefined
    }
  }
}
