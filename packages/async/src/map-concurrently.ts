import { Gate } from './gate.ts'

/**
 * `work` of every item, at most `width` at a time; the results in the order of the items.
 * Rejects with the first failure.
 */
export async function mapConcurrently<T, R> (
  items: readonly T[], width: number, work: (item: T, index: number) => Promise<R>
): Promise<R[]> {
  const gate = new Gate(width)
  return await Promise.all(items.map((item, index) => gate.run(() => work(item, index))))
}
