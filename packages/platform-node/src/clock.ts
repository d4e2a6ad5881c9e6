import type { Cancel, Clock } from '@welkin/interface'

/** What setTimeout takes at most; it would fire at once for more. */
const TIMEOUT_MS_MAX = 2 ** 31 - 1

/** The clock of this process. A timer that waits keeps the process alive. */
export function createNodeClock (): Clock {
  return {
    monotonicMs: () => performance.now(),
    wallMs: () => Date.now(),
    after: (delayMs, callback) => delayMs <= 0 ? soon(callback) : atLeast(delayMs, callback)
  }
}

function soon (callback: () => void): Cancel {
  const immediate = setImmediate(callback)
  return () => clearImmediate(immediate)
}

// Node's timers count whole milliseconds and may fire up to one early: the rest is waited for again.
function atLeast (delayMs: number, callback: () => void): Cancel {
  const dueMs = performance.now() + delayMs
  const wait = (leftMs: number): NodeJS.Timeout => setTimeout(() => {
    const restMs = dueMs - performance.now()
    if (restMs > 0) timer = wait(restMs)
    else callback()
  }, Math.min(TIMEOUT_MS_MAX, Math.ceil(leftMs)))
  let timer = wait(delayMs)
  return () => clearTimeout(timer)
}
