import type { Random } from '@welkin/interface'

/** How long to wait between tries. */
export interface BackOff {
  firstMs: number
  maxMs: number
  /** Each wait is this many times the one before. */
  factor: number
}

/**
 * Milliseconds to wait before try `attempt` (0: the first repetition): exponential up to `maxMs`, with half of it
 * drawn by chance, so that those who failed together do not come back together.
 */
export function backOffMs ({ firstMs, maxMs, factor }: BackOff, attempt: number, random: Random): number {
  const fullMs = Math.min(maxMs, firstMs * factor ** attempt)
  return fullMs / 2 + random.unit() * fullMs / 2
}
