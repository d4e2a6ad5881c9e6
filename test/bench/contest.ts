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

/** It takes some thousand tasks until all code of a daemon is compiled. */
const WARM_TURNS_MAX = 3

export interface Rules extends Load {
  /** The contenders take turns so often, since what else the machine does comes and goes. */
  rounds: number
}

/** A contender that does its work from this process. */
export function contender (name: string, work: Work): Contender {
  return { name, rate: load => rateOf(work, load), latencies: ms => latenciesOf(work, ms) }
}

export interface Results {
  /** What each contender does a second, and how long one takes alone: medians over the rounds, by its name. */
  readonly figures: Readonly<Record<string, Figures>>
  /** The median over the rounds of one's rate by another's in the same round. */
  ratio (name: string, other: string): number
}

export async function contest (contenders: readonly Contender[], { rounds, ...load }: Rules): Promise<Results> {
  const scores = new Map(contenders.map(({ name }): [string, Score] => [name, { rates: [], p50s: [], p99s: [] }]))
  for (let turn = 0; turn < Math.min(rounds, WARM_TURNS_MAX); turn++) {
    for (const each of contenders) await each.rate(load)
  }
  for (let round = 0; round < rounds; round++) {
    for (const each of contenders) {
      const { rates, p50s, p99s } = scores.get(each.name) as Score
      rates.push(await each.rate(load))
      const latencies = await each.latencies(load.ms)
      p50s.push(quantile(latencies, 0.5))
      p99s.push(quantile(latencies, 0.99))
    }
  }
  return {
    figures: Object.fromEntries([...scores].map(([name, { rates, p50s, p99s }]) => {
      return [name, { perSecond: median(rates), p50Ms: median(p50s), p99Ms: median(p99s) }]
    })),
    ratio: (name, other) => {
      const others = scores.get(other)?.rates ?? []
      return median((scores.get(name)?.rates ?? []).map((rate, round) => rate / (others[round] ?? Number.NaN)))
    }
  }
}

/** One value a round each. */
interface Score { rates: number[], p50s: number[], p99s: number[] }
