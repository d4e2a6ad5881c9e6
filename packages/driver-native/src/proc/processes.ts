import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs'
import {
  parseIo, parseMemory, parseStat, type ProcessIo, type ProcessMemory, type ProcessStat
} from './process-files.ts'

/** More than the part of any of these files that is looked at. */
const FILE_BYTES_MAX = 4096
const fileBuffer = Buffer.alloc(FILE_BYTES_MAX)

/** Identifies this run of the machine; undefined where it does not say. */
export function readBootId (): string | undefined {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return undefined // no Linux
  }
}

/** All processes of this machine that this user may see; none where there is no /proc. */
export function listProcesses (): number[] {
  try {
    return readdirSync('/proc').filter(name => /^\d+$/.test(name)).map(Number)
  } catch {
    return []
  }
}

/** Undefined where there is no such process, or the machine does not say. */
export function readStat (pid: number | 'self'): ProcessStat | undefined {
  return parseStat(readText(`/proc/${pid}/stat`))
}

/** Undefined where `readStat` is, and for a process that has ended. */
export function readMemory (pid: number): ProcessMemory | undefined {
  return parseMemory(readText(`/proc/${pid}/status`))
}

/** Undefined where `readStat` is, and where the kernel does not count, or does not tell this user. */
export function readIo (pid: number): ProcessIo | undefined {
  return parseIo(readText(`/proc/${pid}/io`))
}

/** Whether this very process has not ended; one that nobody has waited for yet has. */
export function isRunning (pid: number, startTicks: number): boolean {
  const stat = readStat(pid)
  return stat !== undefined && stat.startTicks === startTicks && !/[ZX]/.test(stat.state)
}

/** Synchronous and into one buffer, at a tenth of the cost: it is done at each start of a task, and time and again. */
function readText (path: string): string {
  try {
    const file = openSync(path, 'r')
    try {
      return fileBuffer.toString('latin1', 0, readSync(file, fileBuffer))
    } finally {
      closeSync(file)
    }
  } catch {
    return '' // there is no such process, or it may not be looked at
  }
}
