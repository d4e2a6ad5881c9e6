const STEPS: ReadonlyArray<readonly [unit: string, seconds: number]> = [['d', 86_400], ['h', 3600], ['m', 60]]

/** Milliseconds as an age: `0s`, `42s`, `5m`, `3h`, `12d`: the largest unit of which there are two, else seconds. */
export function formatAge (ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  for (const [unit, length] of STEPS) {
    if (seconds >= 2 * length) return `${Math.floor(seconds / length)}${unit}`
  }
  return `${seconds}s`
}

/** Milliseconds as seconds with as many digits as mean something: `0.034`, `1.23`, `41.5`, `180`. */
export function formatSeconds (ms: number): string {
  const seconds = ms / 1000
  if (seconds < 1) return seconds.toFixed(3)
  if (seconds < 10) return seconds.toFixed(2)
  return seconds < 100 ? seconds.toFixed(1) : seconds.toFixed(0)
}
