import type { ProcessesOptions } from './options.ts'

/** Of objects that have ended, those that are too old or too many to be kept at `nowMs` (wall clock), oldest first. */
export function surplusOf<Ended extends { record: { endedAtMs: number | undefined } }> (
  ended: readonly Ended[], { endedKeepMs, endedMax }: ProcessesOptions, nowMs: number
): Ended[] {
  const oldestFirst = ended.toSorted((a, b) => (a.record.endedAtMs ?? 0) - (b.record.endedAtMs ?? 0))
  return oldestFirst.filter(({ record: { endedAtMs = 0 } }, index) =>
    endedAtMs < nowMs - endedKeepMs || index < ended.length - endedMax)
}
