import type { Cancel, Clock } from '@welkin/interface'

/**
 * Runs `round` every `periodMs`, the first time one period from now (or after `firstMs`). A round that takes longer
 * delays the next; rounds never overlap. A rejected round is a bug: it surfaces as an unhandled rejection.
 */
export function repeat (clock: Clock, periodMs: number, round: () => void | Promise<void>, firstMs = periodMs): Cancel {
  let cancelled = false
  const next = async (): Promise<void> => {
    await round()
    if (!cancelled) cancel = clock.after(periodMs, () => { void next() })
  }
  let cancel = clock.after(firstMs, () => { void next() })
  return () => {
    cancelled = true
    cancel()
  }
}
