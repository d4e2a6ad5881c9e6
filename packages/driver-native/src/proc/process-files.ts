/** What /proc/<pid>/stat says of a process. Times are in seconds, of all its threads. */
export interface ProcessStat {
  /** One letter, see proc(5). */
  state: string
  parent: number
  /** The pid of its session's leader. */
  session: number
  /** What it has used itself. */
  ownSeconds: number
  /** What its children have used that it has waited for, and theirs. */
  childrenSeconds: number
  /** In clock ticks since the machine was booted. */
  startTicks: number
}

/** Bytes of memory that a process has, and the most that it ever had. */
export interface ProcessMemory { bytes: number, bytesMax: number }

/** Bytes that a process and the children that it has waited for had fetched from, or sent to, a disk. */
export interface ProcessIo { readBytes: number, writtenBytes: number }

/** What Linux has on nearly every machine; Node does not tell. */
const TICKS_PER_SECOND = 100

const KIBIBYTE = 1024

/** Places after the name; proc(5) counts from 1, and has the state third. */
const STATE = 0
const PARENT = 1
const SESSION = 3
/** Then system time, and both of the children that were waited for. */
const USER_TICKS = 11
const START_TICKS = 19

/** Undefined for a text that is not of /proc/<pid>/stat. */
export function parseStat (text: string): ProcessStat | undefined {
  // The name, in brackets, may hold anything, brackets too.
  const nameEnd = text.lastIndexOf(')')
  const fields = nameEnd < 0 ? [] : text.slice(nameEnd + 2).split(' ')
  const number = (place: number): number => Number(fields[place])
  const seconds = (place: number): number => (number(place) + number(place + 1)) / TICKS_PER_SECOND
  if (fields.length <= START_TICKS) return undefined
  return {
    state: fields[STATE] as string,
    parent: number(PARENT),
    session: number(SESSION),
    ownSeconds: seconds(USER_TICKS),
    childrenSeconds: seconds(USER_TICKS + 2),
    startTicks: number(START_TICKS)
  }
}

/** From /proc/<pid>/status; undefined for a process that has no memory any more. */
export function parseMemory (status: string): ProcessMemory | undefined {
  const bytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]
  const bytesMax = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]
  if (bytes === undefined || bytesMax === undefined) return undefined
  return { bytes: Number(bytes) * KIBIBYTE, bytesMax: Number(bytesMax) * KIBIBYTE }
}

/** From /proc/<pid>/io; undefined where the kernel does not count, or does not tell this user. */
export function parseIo (text: string): ProcessIo | undefined {
  const readBytes = /^read_bytes: (\d+)$/m.exec(text)?.[1]
  const writtenBytes = /^write_bytes: (\d+)$/m.exec(text)?.[1]
  if (readBytes === undefined || writtenBytes === undefined) return undefined
  return { readBytes: Number(readBytes), writtenBytes: Number(writtenBytes) }
}
