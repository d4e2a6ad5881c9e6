import type { Figures } from './bench.ts'
import { latenciesOf, rateOf, type Load, type Work } from './load.ts'
import { median, quantile } from './statistics.ts'

/** Does the same work as others do, in a way of its own. */
export interface Contender {
  readonly name: string
  rate (load: Load): Promise<number>
  /** Milliseconds each, with one in flight. */
  latencies (ms: number): Promise<number[]>
}

export interface Rules extends Load {
  /** The contenders take turns so often, since what else the machine does comes and goes. */
  rounds: number
}

/** A contender that does its work from this process. */
export function contender (name: string, work: Work): Contender {
  return { name, rate: load => rateOf(work, load), latencies: ms => latenciesOf(work, ms) }
}

/** What each contender does a second, and how long one takes alone: medians over the rounds, by its name. */
export async function contest (contenders: readonly Contender[], { rounds, ...load }: Rules): Promise<Map<string, Figures>> {
  const figures = new Map<string, Figures>()
  const rates = contenders.map((): number[] => [])
  const p50s = contenders.map((): number[] => [])
  const p99s = contenders.map((): number[] => [])
  for (const each of contenders) await each.rate(load) // until all code is hot
  for (let round = 0; round < rounds; round++) {
    for (const [index, each] of contenders.entries()) {
      rates[index]?.push(await each.rate(load))
      const latencies = await each.latencies(load.ms)
      p50s[index]?.push(quantile(latencies, 0.5))
      p99s[index]?.push(quantile(latencies, 0.99))
    }
  }
  for (const [index, { name }] of contenders.entries()) {
    figures.set(name, {
      perSecond: median(rates[index] ?? []), p50Ms: median(p50s[index] ?? []), p99Ms: median(p99s[index] ?? [])
    })
  }
  return figures
}
