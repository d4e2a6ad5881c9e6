import { readFile } from 'node:fs/promises'

/** Linux counts CPU time for programs in hundredths of a second, whatever its own clock does. */
const TICK_MS = 10

/** Where `utime` stands in /proc/PID/stat, counted from behind the program's name, which may hold anything. */
const UTIME = 11

/** What a process has taken of its machine so far. */
export interface Taken {
  rssBytes: number
  /** The most it ever was. */
  rssBytesMax: number
  cpuMs: number
}

/** Linux only: from /proc. Rejects ENOENT when the process has ended. */
export async function takenBy (pid: number): Promise<Taken> {
  const read = (name: string): Promise<string> => readFile(`/proc/${pid}/${name}`, 'utf8')
  const [status, stat] = await Promise.all([read('status'), read('stat')])
  const times = stat.slice(stat.lastIndexOf(')') + 2).split(' ').slice(UTIME, UTIME + 2)
  return {
    rssBytes: 1024 * field(status, 'VmRSS'),
    rssBytesMax: 1024 * field(status, 'VmHWM'),
    cpuMs: TICK_MS * times.reduce((sum, ticks) => sum + Number(ticks), 0)
  }
}

function field (text: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(text)?.[1])
}
