/** Wrong passwords for one user that were tried at one holder. */
export interface Guesses {
  count: number
  /** Before then no other is looked at; wall clock. */
  waitUntilMs: number
}

const FREE = 5
const WAIT_FIRST_MS = 2000
const WAIT_MAX_MS = 3_600_000
/** After so long without any, all is forgiven. */
const FORGIVEN_MS = 24 * 3_600_000

/** With one more: the first few are free, after each other one has to wait twice as long. */
export function withGuess (before: Guesses | undefined, nowMs: number): Guesses {
  const count = before === undefined || nowMs > before.waitUntilMs + FORGIVEN_MS ? 1 : before.count + 1
  const waitMs = count < FREE ? 0 : Math.min(WAIT_MAX_MS, WAIT_FIRST_MS * 2 ** (count - FREE))
  return { count, waitUntilMs: nowMs + waitMs }
}

/** How long the next guess has to wait, in milliseconds; a clock that was set back makes it no longer. */
export function waitMsOf (guesses: Guesses | undefined, nowMs: number): number {
  return guesses === undefined ? 0 : Math.min(WAIT_MAX_MS, Math.max(0, guesses.waitUntilMs - nowMs))
}
