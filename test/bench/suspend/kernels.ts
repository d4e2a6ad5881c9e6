import { readFile } from 'node:fs/promises'
import type { Figures } from '../bench.ts'
import type { Make } from './variants.ts'

const FILE = new URL('../../../../packages/suspend/test/programs/kernels.wasm', import.meta.url)

/** Each with an argument that makes it run for some tens of milliseconds. */
const KERNELS: Readonly<Record<string, number>> = {
  fib: 34, sieve: 8_000_000, matmul: 256, sha: 60_000, sort: 200_000, trees: 18, text: 60_000, collatz: 300_000
}

const QUICK: Readonly<Record<string, number>> = {
  fib: 20, sieve: 30_000, matmul: 40, sha: 300, sort: 2000, trees: 8, text: 300, collatz: 2000
}

type Exports = Readonly<Record<string, (argument: number) => number>>

/**
 * By the name of a variant: by kernel, its shortest time over the rounds by that of the plain module. The variants take
 * turns, kernel by kernel, since what else the machine does comes and goes.
 */
export async function raceKernels (
  makes: Readonly<Record<string, Make>>, rounds: number, isQuick: boolean
): Promise<Record<string, Figures>> {
  const bytes = await readFile(FILE)
  const entries = Object.entries(makes).map(([name, make]): [string, Exports] => {
    const imports = { wasi_snapshot_preview1: new Proxy({}, { get: () => () => 0 }) }
    return [name, make(bytes).instantiate(imports).exports as Exports]
  })
  for (const [, exports] of entries) exports['_initialize']?.(0)
  const ratios: Record<string, Record<string, number>> = Object.fromEntries(entries.map(([name]) => [name, {}]))
  for (const [kernel, argument] of Object.entries(isQuick ? QUICK : KERNELS)) {
    const shortest = new Map<string, number>()
    for (let round = 0; round <= rounds; round++) {
      for (const [name, exports] of entries) {
        const startedMs = performance.now()
        exports[kernel]?.(argument)
        const ms = performance.now() - startedMs
        // The first round is for the engine to compile it.
        if (round > 0) shortest.set(name, Math.min(ms, shortest.get(name) ?? Infinity))
      }
    }
    for (const [name, ms] of shortest) {
      (ratios[name] as Record<string, number>)[kernel] = ms / (shortest.get('plain') ?? Number.NaN)
    }
  }
  return ratios
}


export function geometricMean (values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length)
}
