import type { ErrorRecord, ObjectId } from '@welkin/interface'

/** Who was dialled and reached, as it is to be asked for again. */
export interface Reached { readonly object: ObjectId, readonly port: string | number }

/**
 * What a program's end of its conversations tells the daemon, which passes it on and keeps nothing of it. A wire is one
 * connection of one conversation; over it go frames of `@welkin/resumable`.
 */
export type TalkOrder =
  | { do: 'listen', port: string }
  | { do: 'unlisten', port: string }
  | { do: 'dial', conversation: number, to: string, session: string }
  | { do: 'dial-again', conversation: number, session: string, reached: Reached }
  /** Dials for it no more. */
  | { do: 'hang-up', conversation: number }
  | { do: 'frame', wire: number, bytes: Uint8Array }
  | { do: 'end', wire: number }
  | { do: 'drop', wire: number, error: ErrorRecord }
  /** So much of what came is made room for. */
  | { do: 'take', wire: number, bytes: number }
  /** Has `reminded` told when others have given up, too. */
  | { do: 'remind', reminder: number }

/** What the daemon tells it. */
export type TalkNews =
  /** `session`: it is resumable; `again`: it goes on. */
  | { kind: 'called', port: string, wire: number, from: string, session: string | undefined, again: boolean }
  | { kind: 'unheard', port: string, error: ErrorRecord }
  | { kind: 'reached', conversation: number, wire: number, reached: Reached }
  | { kind: 'unreached', conversation: number, error: ErrorRecord }
  | { kind: 'frame', wire: number, bytes: Uint8Array }
  | { kind: 'ended', wire: number }
  | { kind: 'broken', wire: number, error: ErrorRecord }
  /** So much may be said more. */
  | { kind: 'credit', wire: number, bytes: number }
  | { kind: 'reminded', reminder: number }

export type Tell = (order: TalkOrder) => void

/** Bytes that may be on their way in one direction between daemon and program; no frame is longer than half of it. */
export const ON_THE_WAY_BYTES = 256 * 1024
