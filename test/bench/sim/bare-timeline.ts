import { Timeline } from '@welkin/platform-virtual'

const PERIOD_MS = 1000

/**
 * Microseconds of CPU for one of so many events on a timeline of `timers` timers, of which each only awaits something
 * and sets itself again: what no simulation on it can be cheaper than.
 */
export async function bareMicroseconds (events: number, timers: number): Promise<number> {
  const timeline = new Timeline()
  const turn = async (): Promise<void> => {
    await undefined
    timeline.after(PERIOD_MS, () => { void turn() })
  }
  for (let i = 0; i < timers; i++) timeline.after(i * PERIOD_MS / timers, () => { void turn() })
  const cpuBefore = process.cpuUsage()
  await timeline.runUntil(events / timers * PERIOD_MS)
  const { user, system } = process.cpuUsage(cpuBefore)
  return (user + system) / timeline.eventCount
}
