import { z } from 'zod'

const UNITS_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** Milliseconds of a span such as `200ms`, `30s`, `5m` or `1.5h`; undefined where it is none. */
export function parseSpan (text: string): number | undefined {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text.trim()) ?? []
  return unit === undefined ? undefined : Number(amount) * UNITS_MS[unit as keyof typeof UNITS_MS]
}

/** A span of virtual time, read as milliseconds. */
export const span = z.string().transform((text, context) => {
  const ms = parseSpan(text)
  if (ms !== undefined) return ms
  context.addIssue({ code: 'custom', message: `"${text}" is no span of time; write 200ms, 30s, 5m or 1.5h` })
  return z.NEVER
})

/** For people: the shortest of `1.5 s`, `2 min 5 s`, `200 ms`. */
export function tellSpan (ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${Number((ms / 1000).toFixed(1))} s`
  const seconds = Math.round(ms / 1000)
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}
