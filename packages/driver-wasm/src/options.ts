import type { AbortOptions, Clock, Logger, ObjectId } from '@welkin/interface'
import type { SystemCall } from './wasi/outside.ts'

export interface WasmDriverOptions {
  /** Where everything is kept; belongs to this driver alone. */
  directory: string
  clock: Clock
  log: Logger
  /**
   * Makes a system call in an object's own name: resolves to its reply as JSON. Rejects what is told to the program as
   * a record of an error. The request id is the same when the same call is made again.
   * `signal` is aborted when nobody waits for the reply any more.
   */
  call?: (object: ObjectId, call: SystemCall, options: AbortOptions) => Promise<string>
}

/** Memory of a task that asks for no other, which is all that a module of 32 bits can have. */
export const MEMORY_PAGES_MAX = 65_536
/** Bytes of files of a task whose memory has no limit. */
export const FILE_BYTES_ALL = 2 ** 30
