import type { BlobId, ErrorCode, ObjectId, OutputStream } from '@welkin/interface'
import type { Body } from '../state/body.ts'
import type { PagePlan } from '../state/plan-pages.ts'
import type { SystemCall } from '../wasi/outside.ts'
import type { ProgramLimits } from '../wasi/program-state.ts'
import type { TalkNews, TalkOrder } from '../wasi/talk/messages.ts'

/** With what a worker begins. */
export interface WorkerStart {
  readonly control: Int32Array
  readonly module: WebAssembly.Module
  /** Whose program it is. */
  readonly object: ObjectId
  /** SHA-256 of the module as it was given. */
  readonly program: string
  /** `none`: it cannot be suspended. */
  readonly points: 'calls' | 'anywhere' | 'none'
  readonly args: readonly string[]
  readonly environment: readonly string[]
  readonly limits: ProgramLimits & { readonly fuel?: number | undefined, readonly fileBytesAll: number }
  readonly hasInput: boolean
  /** Whose files the program finds, and into which its own go at the end. */
  readonly directory: string
  /** It is told states, and goes on from the last of them, instead of beginning. */
  readonly goesOn: boolean
}

/** A state to go on from, but for its pages. */
export interface RestoredState extends PagePlan {
  readonly body: Body
  readonly memoryPages: number
  readonly filePages: number
}

/** What the daemon tells a worker. */
export type Order =
  | { kind: 'input', bytes: Uint8Array }
  | { kind: 'end-input' }
  | { kind: 'signal', number: number }
  /** Copies pages for some milliseconds, which a capture need not do then; `afresh`: those of before are not kept. */
  | { kind: 'gather', afresh: boolean }
  /** `full`: with all pages, since those of the last state are not kept. */
  | { kind: 'capture', stop: boolean, full: boolean }
  | { kind: 'resume' }
  /** The copies of the last state's pages are not kept any longer. */
  | { kind: 'drop' }
  /** Ends the program, as by this signal, with its files kept. */
  | { kind: 'end', signal: string }
  | { kind: 'reply', requestId: string, bytes: Uint8Array }
  | { kind: 'talk', news: TalkNews }
  | { kind: 'state', state: RestoredState }
  /** Pages of that state, by their places, one after the other. */
  | { kind: 'pages', places: readonly number[], bytes: Uint8Array }
  | { kind: 'go' }

/** What a worker tells the daemon. */
export type News =
  | { kind: 'started', threadId: number | undefined }
  /** It has the last state that it was told, and then so many of the pages that come. */
  | { kind: 'restored', pages: number }
  | { kind: 'written', stream: OutputStream, bytes: Uint8Array }
  | { kind: 'took', bytes: number }
  | { kind: 'handles-signals' }
  /** It does as it was told, and keeps its files. */
  | { kind: 'ending' }
  | { kind: 'call', call: SystemCall }
  | { kind: 'talk', order: TalkOrder }
  /** `isDone`: there is nothing left to copy but what the program writes to. */
  | { kind: 'gathered', isDone: boolean, copies: Copies }
  | ({ kind: 'captured' } & Captured)
  | { kind: 'not-captured', reason: string }
  | { kind: 'ended', end: ProgramExit, cpuNs: bigint }
  /** Through no fault of the program, or before it began. */
  | { kind: 'failed', message: string, code?: ErrorCode | undefined }

/** Copies of pages. */
export type Copies = ReadonlyArray<readonly [page: BlobId, content: Uint8Array]>

export interface Captured {
  readonly header: Uint8Array
  readonly pages: ReadonlyArray<BlobId | ''>
  readonly written: { stdout: number, stderr: number }
  /** Those that the last capture did not have and that were not gathered, unless the program stands still. */
  readonly changed: Copies
  /** Where a program that stands still puts the pages that it is asked for. */
  readonly window: Uint8Array | undefined
}

export type ProgramExit = { kind: 'exited', code: number } | { kind: 'signaled', signal: string, trap?: boolean }
