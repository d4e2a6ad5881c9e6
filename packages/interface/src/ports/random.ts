/** A source of chance. */
export interface Random {
  /** Uniform in [0, 1). */
  unit (): number
  /** `size` bytes; on a real machine fit for secrets. */
  bytes (size: number): Uint8Array
  /** A stream of its own for one purpose, so that drawing here never changes what is drawn there. */
  fork (purpose: string): Random
}

/** Uniform whole number in [0, end). */
export function drawInteger (random: Random, end: number): number {
  return Math.floor(random.unit() * end)
}

/** One of `items`, or undefined when there are none. */
export function drawOne<T> (random: Random, items: readonly T[]): T | undefined {
  return items[drawInteger(random, items.length)]
}

/** A new array of the same items in random order (Fisher-Yates). */
export function shuffled<T> (random: Random, items: readonly T[]): T[] {
  const result = [...items]
  for (let i = result.length - 1; i > 0; i--) {
    const j = drawInteger(random, i + 1)
    const item = result[i] as T
    result[i] = result[j] as T
    result[j] = item
  }
  return result
}
