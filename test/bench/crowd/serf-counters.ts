import type { Sent } from './sockets.ts'

/** Serf counts by intervals of this length, which begin at multiples of it. */
export const INTERVAL_MS = 10_000

/** A counter of an interval, as an agent prints it when it is sent SIGUSR1; times are UTC where TZ says so. */
const COUNTER = /^\[(\S+ \S+) \S+ \S+\]\[C\] '\S*memberlist\.(?:udp|tcp)\.sent': Count: (\d+) .*?Sum: ([\d.]+)/

/** What an agent has sent in the intervals that lie between two times, as its own counters tell. Pure. */
export function sentBetween (lines: readonly string[], fromMs: number, untilMs: number): Sent {
  const sent = { bytes: 0, messages: 0 }
  for (const line of lines) {
    const [, time, count, sum] = COUNTER.exec(line) ?? []
    const beganMs = time === undefined ? Number.NaN : Date.parse(`${time.replace(' ', 'T')}Z`)
    if (!(beganMs >= fromMs && beganMs + INTERVAL_MS <= untilMs)) continue
    sent.bytes += Number(sum)
    sent.messages += Number(count)
  }
  return sent
}
