import { concatBytes } from '@welkin/async/bytes'
import type { ErrorRecord } from '@welkin/interface'
import { CloudError } from '@welkin/interface/errors'
import type { SessionState } from '@welkin/resumable/session'
import { Conversation, WINDOW_BYTES, type ConversationFacts, type Origin } from './conversation.ts'
import { Conversations, KEPT_MAX, LISTENERS_MAX } from './conversations.ts'
import { ON_THE_WAY_BYTES, type Reached, type Tell } from './messages.ts'

/** What was said and is kept, and what has come and was not read, as bytes beside it. */
interface SavedSession {
  acknowledgedBytes: number
  keptBytes: number
  ended: boolean
  endAcknowledged: boolean
  receivedBytes: number
  untakenBytes: number
  otherEnded: boolean
}

export interface SavedConversation {
  number: number
  id: string | null
  called: { port: string, from: string } | null
  dialled: { to: string, reached: Reached | null } | null
  isPending: boolean
  isClosed: boolean
  isDeaf: boolean
  isFinished: boolean
  failure: { code: ErrorRecord['code'], message: string } | null
  session: SavedSession
}

/** A program's conversations as plain data; their bytes, in order, are beside it. */
export interface SavedTalk {
  /** Whose they are. */
  object: string
  listeners: Array<[port: string, isClosed: boolean]>
  conversations: SavedConversation[]
}

const PIECE_BYTES = 64 * 1024
const KEPT_BYTES_MAX = 2 * WINDOW_BYTES
const UNTAKEN_BYTES_MAX = WINDOW_BYTES + 2 * ON_THE_WAY_BYTES

export function saveTalk (conversations: Conversations, object: string): { saved: SavedTalk, bytes: Uint8Array } {
  const pieces: Uint8Array[] = []
  const saved = conversations.all.map(({ facts, session }): SavedConversation => {
    const { kept, untaken, ...rest } = session.state
    pieces.push(...kept, ...untaken)
    return { ...saveFacts(facts), session: { ...rest, keptBytes: sizeOf(kept), untakenBytes: sizeOf(untaken) } }
  })
  const listeners = conversations.listeners.map(({ port, isClosed }): [string, boolean] => [port, isClosed])
  return { saved: { object, listeners, conversations: saved }, bytes: concatBytes(pieces) }
}

/**
 * The conversations, which say nothing before they `goOn`. Those of another object are its own: here they are over.
 * Throws RangeError for what no program can have had.
 */
export function restoreTalk (saved: SavedTalk, bytes: Uint8Array, object: string, tell: Tell): Conversations {
  const conversations = new Conversations(tell)
  if (saved.listeners.length > LISTENERS_MAX || saved.conversations.length > KEPT_MAX) {
    throw new RangeError('it has more conversations than there can be')
  }
  const ports = new Set(saved.listeners.map(([port]) => port))
  if (ports.size !== saved.listeners.length) throw new RangeError('a port is listened on twice')
  const isItsOwn = saved.object === object
  for (const [port, isClosed] of saved.listeners) {
    if (isItsOwn || !isClosed) conversations.restoreListener(port, isClosed)
  }
  let at = 0
  const next = (size: number): Uint8Array[] => {
    const piece = bytes.subarray(at, at += size)
    if (piece.length !== size) throw new RangeError('what was said is cut')
    return piecesOf(piece)
  }
  for (const each of saved.conversations) {
    const session = restoreSession(each.session, next)
    const facts = restoreFacts(each)
    if (isItsOwn) conversations.restore(new Conversation(tell, facts, session))
    else if (!facts.isClosed && !(facts.isPending && facts.origin.kind === 'called')) {
      facts.failure ??= facts.isFinished ? undefined : another()
      conversations.restore(new Conversation(tell, facts, session))
    }
  }
  if (at !== bytes.length) throw new RangeError('more was said than anybody knows of')
  const numbers = new Set(saved.conversations.map(({ number }) => number))
  if (numbers.size !== saved.conversations.length) throw new RangeError('two conversations have one number')
  if (saved.conversations.filter(isBeingDialled).length > 1) throw new RangeError('two are dialled at once')
  return conversations
}

function saveFacts ({ id, origin, failure, ...rest }: ConversationFacts): Omit<SavedConversation, 'session'> {
  return {
    ...rest,
    id: id ?? null,
    called: origin.kind === 'called' ? { port: origin.port, from: origin.from } : null,
    dialled: origin.kind === 'dialled' ? { to: origin.to, reached: origin.reached ?? null } : null,
    failure: failure === undefined ? null : { code: failure.code, message: failure.message }
  }
}

function restoreFacts (saved: SavedConversation): ConversationFacts {
  const { number, isPending, isClosed, isDeaf, isFinished, id, failure } = saved
  return {
    number, isPending, isClosed, isDeaf, isFinished, origin: restoreOrigin(saved), id: id ?? undefined,
    failure: failure ?? undefined
  }
}

function restoreOrigin ({ called, dialled }: SavedConversation): Origin {
  if (called !== null && dialled === null) return { kind: 'called', ...called }
  if (dialled !== null && called === null) {
    return { kind: 'dialled', to: dialled.to, reached: dialled.reached ?? undefined }
  }
  throw new RangeError('nobody has begun a conversation')
}

function restoreSession (
  { keptBytes, untakenBytes, ...rest }: SavedSession, next: (size: number) => Uint8Array[]
): SessionState {
  if (keptBytes > KEPT_BYTES_MAX || untakenBytes > UNTAKEN_BYTES_MAX || untakenBytes > rest.receivedBytes) {
    throw new RangeError('more was said than is kept')
  }
  if (rest.endAcknowledged && !rest.ended) throw new RangeError('an end is known that was not')
  return { ...rest, kept: next(keptBytes), untaken: next(untakenBytes) }
}

function isBeingDialled ({ isPending, dialled }: SavedConversation): boolean {
  return isPending && dialled !== null
}

function another (): ErrorRecord {
  const message = 'This is another object than that which had the conversation; begin another.'
  return new CloudError('ECONNRESET', message).toJSON()
}

function piecesOf (bytes: Uint8Array): Uint8Array[] {
  return Array.from({ length: Math.ceil(bytes.length / PIECE_BYTES) }, (_none, nth) => {
    return bytes.slice(nth * PIECE_BYTES, (nth + 1) * PIECE_BYTES)
  })
}

function sizeOf (pieces: readonly Uint8Array[]): number {
  return pieces.reduce((size, { length }) => size + length, 0)
}
