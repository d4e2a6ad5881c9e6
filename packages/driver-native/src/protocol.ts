import type { ErrorRecord, ObjectId, TaskEnd, TaskExit, TaskLimits, TaskUsage } from '@welkin/interface'
import type { Places } from './cgroups/places.ts'

/**
 * What the driver and the shepherd say to one another.
 *
 * A message is: u32 length of the head, big-endian | head, JSON | tail, bytes (of `write` and of the answer to `exec`).
 * All are requests: the driver sends an Order and gets its Answer; the shepherd sends News, of whatever happens while
 * the connection lasts, and gets an empty answer.
 */
export type Order =
  | SpawnOrder
  | { call: 'find', id: ObjectId }
  | { call: 'signal', id: ObjectId, name: string }
  | { call: 'stop', id: ObjectId, graceMs: number }
  | { call: 'write', id: ObjectId }
  | { call: 'endInput', id: ObjectId }
  | { call: 'usage', id: ObjectId }
  | { call: 'exec', id: ObjectId, argv: readonly string[] }
  | { call: 'forget', id: ObjectId }
  | { call: 'settle', id: ObjectId }
  | { call: 'hold', id: ObjectId }
  | { call: 'release', id: ObjectId }
  | { call: 'leash', id: ObjectId, forMs: number }
  | { call: 'leave', id: ObjectId }
  | { call: 'endAll', graceMs: number }

/** Runs a program in a working directory that is there already. */
export interface SpawnOrder {
  call: 'spawn'
  id: ObjectId
  attempt: number
  argv: readonly string[]
  /** The whole environment. */
  env: Readonly<Record<string, string>>
  limits: Limits
  /** Below which cgroups it is to be limited; none: it is not. */
  places: Places
  input: boolean
  isolation: IsolationCommands
}

/** Commands to which another one is added, which they then run; empty where there is nothing to be done. */
export interface IsolationCommands {
  /** Makes a sandbox: see `sandbox-processes.ts`. */
  sandbox: readonly string[]
  /** The file of its filter of system calls, which is read there: see `FILTER_FD`; left out: there is none. */
  filter?: string | undefined
  /** Becomes the user that the program runs as, in the sandbox where there is one. */
  become: readonly string[]
}

export function isSandboxed ({ sandbox }: IsolationCommands): boolean {
  return sandbox.length > 0
}

export type Limits = TaskLimits

export interface Answers {
  spawn: StartedTask
  find: { trace?: Trace | undefined }
  signal: Done
  stop: Done
  write: Done
  endInput: Done
  usage: { usage: TaskUsage }
  /** The tail holds the standard output, then the standard error. */
  exec: { exit: TaskExit, stdoutBytes: number }
  forget: Done
  /** All that it has written by now can be read. */
  settle: Stood
  /** The same, and it stands still until `release`. */
  hold: Stood
  release: Stood
  /** It stands still when this does not come again within `forMs`, and goes on with the next. */
  leash: Stood
  /** It was ended without an end, and is forgotten. */
  leave: Stood
  /** Comes when all tasks have ended; the shepherd ends after it. */
  endAll: Done
}

export type Done = Record<string, never>

/** A shepherd that outlives its version may not know of these orders, and then answers without it. */
export interface Stood { stood: true }

/** A process that the shepherd started; `startTicks` and `bootId` tell it from a later one with the same pid. */
export interface StartedTask {
  id: ObjectId
  attempt: number
  pid: number
  startedAtMs: number
  /** Clock ticks since the machine was booted; undefined where the machine does not say. */
  startTicks?: number | undefined
  bootId?: string | undefined
  places: Places
}

export interface EndedTask { id: ObjectId, attempt: number, end: TaskEnd }

/** What is known of an object's last attempt. */
export type Trace = StartedTask | EndedTask

export function isEnded (trace: Trace): trace is EndedTask {
  return 'end' in trace
}

/** What happened since the last news: tasks that ended, or objects that have written more. */
export type News = { ended: EndedTask[] } | { grown: ObjectId[] }

/** How output is kept. */
export interface SegmentOptions {
  /** A segment that has reached this size is followed by a new one. */
  segmentBytes: number
  /** When a stream has more segments, the oldest goes. */
  segmentsMax: number
}

/** The shepherd's second argument, as JSON. */
export interface ShepherdOptions extends SegmentOptions {
  /** How long it goes on without a task and without a daemon. */
  lingerMs: number
}

/** How the shepherd tells its starter, by one line on file descriptor 3, whether it listens. */
export type Readiness = { ready: true } | { ready: false, error: ErrorRecord }

export const SOCKET_NAME = 'shepherd.sock'
export const LOG_NAME = 'shepherd.log'
export const JOURNAL_NAME = 'journal'

const HEAD_LENGTH_BYTES = 4

export function encodeMessage (head: unknown, ...tail: Uint8Array[]): Uint8Array {
  const text = Buffer.from(JSON.stringify(head))
  const length = Buffer.alloc(HEAD_LENGTH_BYTES)
  length.writeUInt32BE(text.byteLength)
  return Buffer.concat([length, text, ...tail])
}

/** Both ends are of one version and one user, so the shape of the head is taken on trust. */
export function decodeMessage<Head> (message: Uint8Array): { head: Head, tail: Uint8Array } {
  const bytes = Buffer.from(message.buffer, message.byteOffset, message.byteLength)
  const headEnd = HEAD_LENGTH_BYTES + bytes.readUInt32BE(0)
  const head = JSON.parse(bytes.toString('utf8', HEAD_LENGTH_BYTES, headEnd)) as Head
  return { head, tail: message.subarray(headEnd) }
}
