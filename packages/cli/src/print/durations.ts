const STEPS: ReadonlyArray<readonly [unit: string, seconds: number]> = [['d', 86_400], ['h', 3600], ['m', 60]]

/** Milliseconds as an age: `0s`, `42s`, `5m`, `3h`, `12d`: the largest unit of which there are two, else seconds. */
export function formatAge (ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  for (const [unit, length] of STEPS) {
    if (seconds >= 2 * length) return `${Math.floor(seconds / length)}${unit}`
  }
  return `${seconds}s`
}

/** Milliseconds as a length of time: `0.13 ms`, `4.2 ms`, `312 ms`, `1.23 s`, `180 s`. */
export function formatSpan (ms: number): string {
  return ms < 1000 ? `${formatFigure(ms)} ms` : `${formatSeconds(ms)} s`
}

/** A round trip and how much it may be off: `31.2 ms ± 0.6`. */
export function formatRtt (rttMs: number, errorMs: number | undefined): string {
  return errorMs === undefined ? formatSpan(rttMs) : `${formatSpan(rttMs)} ± ${formatFigure(errorMs, 0.095)}`
}

/** Milliseconds as seconds with as many digits as mean something: `0.034`, `1.23`, `41.5`, `180`. */
export function formatSeconds (ms: number): string {
  const seconds = ms / 1000
  if (seconds < 1) return seconds.toFixed(3)
  if (seconds < 10) return seconds.toFixed(2)
  return seconds < 100 ? seconds.toFixed(1) : seconds.toFixed(0)
}

/** With one digit behind the point, below `fine` with two, from a hundred on with none. */
function formatFigure (value: number, fine = 0.995): string {
  if (value === 0 || value >= 99.95) return value.toFixed(0)
  return value.toFixed(value < fine ? 2 : 1)
}
