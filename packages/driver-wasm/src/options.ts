import type { AbortOptions, Channel, Clock, Logger, ObjectId } from '@welkin/interface'
import type { SystemCall } from './wasi/outside.ts'
import type { Reached } from './wasi/talk/messages.ts'

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
  conversations?: ProgramConversations
}

/** Conversations in an object's own name; what comes and goes in a session is in frames of `@welkin/resumable`. */
export interface ProgramConversations {
  /** Those who dial this port, until `signal` is aborted; `session`: it is one, and `again`: it goes on. */
  listen (object: ObjectId, port: string, options: AbortOptions): AsyncIterable<{
    connection: string, from: string, session?: string | undefined, again?: boolean | undefined
  }>
  accept (object: ObjectId, connection: string): Channel
  /** Begins a session with what `to` (NAME:PORT) stands for, or goes on with one that has just begun so. */
  begin (
    object: ObjectId, to: string, session: string, options: AbortOptions
  ): Promise<Reached & { channel: Channel }>
  /** Goes on with it over another connection. */
  goOn (object: ObjectId, reached: Reached, session: string, options: AbortOptions): Promise<Channel>
}

/** Memory of a task that asks for no other, which is all that a module of 32 bits can have. */
export const MEMORY_PAGES_MAX = 65_536
/** Bytes of files of a task whose memory has no limit. */
export const FILE_BYTES_ALL = 2 ** 30
