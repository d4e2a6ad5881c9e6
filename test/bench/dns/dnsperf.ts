import type { Stage } from '../stage.ts'

export interface Load { readonly perSecond: number, readonly meanMs: number, readonly lostRatio: number }

export interface Perform {
  readonly port: number
  /** A line for each question: name and type. */
  readonly file: string
  readonly seconds: number
  readonly clients: number
  readonly outstanding: number
}

/** As many questions as the server answers. */
export async function perform (
  stage: Stage, { port, file, seconds, clients, outstanding }: Perform
): Promise<Load> {
  const output = await stage.run('dnsperf', [
    '-s', '127.0.0.1', '-p', String(port), '-d', file, '-l', String(seconds), '-c', String(clients), '-T', '1',
    '-q', String(outstanding)
  ])
  const read = (what: RegExp): number => Number(what.exec(output)?.[1] ?? Number.NaN)
  if (!/NOERROR \d+ \(100\.00%\)/.test(output)) throw new Error(`Not all were answered:\n${output}`)
  return {
    perSecond: read(/Queries per second:\s+([\d.]+)/),
    meanMs: read(/Average Latency \(s\):\s+([\d.]+)/) * 1000,
    lostRatio: read(/Queries lost:\s+(\d+)/) / read(/Queries sent:\s+(\d+)/)
  }
}
