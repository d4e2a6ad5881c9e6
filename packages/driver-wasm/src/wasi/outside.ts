import type { TalkOrder } from './talk/messages.ts'

/** Returned by a call that has done nothing yet, to be made again when the program goes on, here or elsewhere. */
export const AGAIN = Symbol('again')
export type Again = typeof AGAIN

/** Thrown to end the program. */
export class ProgramEnd extends Error {
  readonly end: { code: number } | { signal: string }

  constructor (end: { code: number } | { signal: string }) {
    super('The program has ended.')
    this.end = end
  }
}

/** What became of a wait: the time is over, there is something new to look at, or the program is to be suspended. */
export type Waited = 'time' | 'news' | 'suspend'

/** All that the calls of a program know of the world. */
export interface Outside {
  wallNs (): bigint
  /** Of this machine. */
  monotonicNs (): bigint
  /** CPU time that was used here. */
  cpuNs (): bigint
  random (into: Uint8Array): void
  /** Takes the bytes; they are the caller's again afterwards. */
  write (stream: 'stdout' | 'stderr', bytes: Uint8Array): void
  /** Input that was read is made room for. */
  took (bytes: number): void
  /** Whether somebody wants the program suspended; looks, too, at what is new. */
  wantsSuspension (): boolean
  /** At most until then, by the machine's monotonic clock. */
  wait (untilNs: bigint | undefined): Waited
  /** Bytes of files that may be kept beyond those that are. */
  roomBytes (): number
  /** Makes a system call; its reply comes as news. */
  call (request: SystemCall): void
  /** What is said in conversations; what is heard comes as news. */
  talk (order: TalkOrder): void
  /** The program looks after its signals itself. */
  handlesSignals (): void
}

export interface SystemCall {
  /** The same when the call is made again. */
  readonly requestId: string
  readonly name: string
  /** JSON. */
  readonly args: string
}
