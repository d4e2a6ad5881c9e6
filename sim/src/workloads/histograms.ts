import { CloudError, type Cancel, type Random } from '@welkin/interface'
import { z } from 'zod'
import type { HistogramsDescription } from '../scenario/schema.ts'
import type { Cloud } from '../cloud.ts'
import { arriveByChance } from './arrivals.ts'
import type { TaskCalls } from './calls.ts'
import { limitsOf, taskOf, type Job } from './jobs.ts'

/** How often values were seen: `counts[i]` times one from `bins[i]` to `bins[i + 1]`. */
export interface Histogram { counts: readonly number[], bins: readonly number[] }

/** Jobs of one kind: how many there are beside those of other kinds, and what they are like. */
export interface JobClass {
  name: string
  weight: number
  cores: Histogram
  /** Of all cores together. */
  flops: Histogram
  /** MB. */
  memory?: Histogram | undefined
}

const MEGABYTE = 1e6

const tallies = z.array(z.number().min(0)).min(1)
  .refine(all => all.some(count => count > 0), 'must not be all 0')
const fitting = ({ counts, bins }: Histogram): boolean =>
  bins.length === counts.length + 1 && bins.every((bin, i) => i === 0 || bin > (bins[i - 1] as number))
const FITTING = 'must have rising bins, one more than counts'
const histogram = z.object({ counts: tallies, bins: z.array(z.number()) }).refine(fitting, FITTING)
/** Without bins, the place of a count is the number of cores. */
const ofCores = z.object({ counts: tallies, bins: z.array(z.number()).optional() })
  .transform(({ counts, bins = [...counts, 0].map((_, i) => i - 0.5) }) => ({ counts, bins }))
  .refine(fitting, FITTING)

const file = z.record(z.string(), z.object({
  num_jobs: z.number().min(0), cores: ofCores, flops: histogram, memory: histogram.optional()
})).refine(classes => Object.values(classes).some(({ num_jobs: weight }) => weight > 0), 'has no class with jobs')

/** The classes of a JSON text in the format of DCSim (CMS). Throws EINVAL with every problem. */
export function parseHistograms (text: string, source: string): JobClass[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new CloudError('EINVAL', `${source} is no JSON: ${(cause as Error).message}.`, { cause })
  }
  const { success, data, error } = file.safeParse(value)
  if (success) return Object.entries(data).map(([name, { num_jobs: weight, ...rest }]) => ({ name, weight, ...rest }))
  const problems = error.issues.map(({ path, message }) => [...path, message].map(String).join(' '))
  const message = `${source} has no histograms of jobs: ${problems.join('; ')}.`
  throw new CloudError('EINVAL', message, { fields: { problems } })
}

/** Jobs arrive by chance (Poisson), each of a class, with cores, work and memory, that are drawn from histograms. */
export function streamJobs (
  cloud: Cloud, calls: TaskCalls, classes: readonly JobClass[], described: HistogramsDescription
): Cancel {
  const { perNodeAndMinute, compress, flopsPerSecond, longest, restarts } = described
  const random = cloud.random.fork('histograms')
  const limits = limitsOf(cloud, longest)
  const draw = (): Job => {
    const { cores, flops, memory } = drawClass(random, classes)
    const cpu = Math.max(1, Math.round(drawFrom(random, cores)))
    return {
      cpu,
      seconds: Math.max(0, drawFrom(random, flops)) / (cpu * flopsPerSecond) / compress,
      memoryBytes: memory === undefined ? undefined : Math.max(1, drawFrom(random, memory) * MEGABYTE)
    }
  }
  return arriveByChance(cloud, random, 60_000 / (perNodeAndMinute * cloud.places.length), () =>
    calls.ask(random, () => taskOf(draw(), limits, random.unit() < restarts)))
}

function drawClass (random: Random, classes: readonly JobClass[]): JobClass {
  return classes[drawWeighted(random, classes.map(({ weight }) => weight))] as JobClass
}

/** Anywhere within its bin with equal chance. */
export function drawFrom (random: Random, { counts, bins }: Histogram): number {
  const at = drawWeighted(random, counts)
  const [low, high] = [bins[at] as number, bins[at + 1] as number]
  return low + random.unit() * (high - low)
}

/** A place, with the chance that its weight says; those of weight 0 never. */
function drawWeighted (random: Random, weights: readonly number[]): number {
  let left = random.unit() * weights.reduce((sum, weight) => sum + weight, 0)
  const drawn = weights.findIndex(weight => (left -= weight) < 0)
  return drawn >= 0 ? drawn : weights.findLastIndex(weight => weight > 0) // sums are not exact
}
