/** How long CPUs were busy, and busy or idle, since the machine was started; in any one unit. */
export interface CpuTimes { busy: number, total: number }

/** Fields of the line `cpu`, in ticks; what guests used is in the user's and nice ones' times as well. */
const COUNTED = 8
const IDLE = 3
const WAITING_FOR_DISK = 4

/** All CPUs together, from /proc/stat; undefined where it is not that. Time stolen by a hypervisor is not to be had. */
export function parseCpuTimes (stat: string): CpuTimes | undefined {
  const line = /^cpu +(\d[\d ]*)$/m.exec(stat)?.[1]
  if (line === undefined) return undefined
  const ticks = line.trim().split(' ').slice(0, COUNTED).map(Number)
  const total = ticks.reduce((sum, count) => sum + count, 0)
  return { busy: total - (ticks[IDLE] ?? 0) - (ticks[WAITING_FOR_DISK] ?? 0), total }
}

/** The busy share, 0 to 1, of the time between two readings; undefined within a tick of the kernel's clock. */
export function busyRatio (before: CpuTimes, now: CpuTimes): number | undefined {
  const total = now.total - before.total
  if (total <= 0) return undefined
  return Math.min(1, Math.max(0, (now.busy - before.busy) / total))
}
