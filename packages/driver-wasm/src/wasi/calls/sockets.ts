import type { ErrorRecord } from '@welkin/interface'
import type { CallContext, Calls } from '../context.ts'
import type { Descriptor, OpenConversation } from '../descriptors.ts'
import { ERRNO, WasiFault, type Errno } from '../errno.ts'
import { AGAIN, type Again } from '../outside.ts'
import { WINDOW_BYTES } from '../talk/conversation.ts'

export const NON_BLOCKING = 4
const PEEK = 1
const WAIT_ALL = 2
const NO_MORE_READING = 1
const NO_MORE_WRITING = 2

const ERRNO_OF: Partial<Record<ErrorRecord['code'], Errno>> = {
  EACCES: 'acces', EPERM: 'perm', EBUSY: 'addrinuse', EADDRINUSE: 'addrinuse', ECONNREFUSED: 'connrefused',
  ECONNRESET: 'connreset', EPROTO: 'connreset', EHOSTDOWN: 'hostunreach', EHOSTUNREACH: 'hostunreach',
  ENOENT: 'noent', ETIMEDOUT: 'timedout', EINVAL: 'inval', EPIPE: 'pipe'
}

/** Conversations as sockets. */
export function socketCalls (context: CallContext): Calls {
  const { memory, state } = context
  return {
    sock_accept: (fd: number, flags: number, into: number): number | Again => {
      const open = state.descriptors.get(fd)
      if (open.kind !== 'listener' || (flags & ~NON_BLOCKING) !== 0) return ERRNO.inval
      const { listener, nonBlocking } = open
      memory.putU32(into, 0)
      state.descriptors.checkRoom()
      const isCalled = (): boolean => state.conversations.isCalled(listener)
      const found = until(context, () => isCalled() || listener.failure !== undefined, nonBlocking)
      if (found !== ERRNO.success) return found
      const conversation = state.conversations.accept(listener)
      if (conversation === undefined) return errnoOf(listener.failure)
      const accepted = { kind: 'conversation', conversation, nonBlocking: (flags & NON_BLOCKING) !== 0 } as const
      memory.putU32(into, state.descriptors.add(accepted))
      return ERRNO.success
    },
    sock_recv: (
      fd: number, pieces: number, count: number, flags: number, done: number, said: number
    ): number | Again => {
      const open = conversationAt(state.descriptors.get(fd))
      if ((flags & ~(PEEK | WAIT_ALL)) !== 0) return ERRNO.inval
      memory.putU16(said, 0)
      const how = { peek: (flags & PEEK) !== 0, whole: (flags & WAIT_ALL) !== 0 }
      return receive(context, open, memory.pieces(pieces, count), done, how)
    },
    sock_send: (fd: number, pieces: number, count: number, flags: number, done: number): number | Again => {
      const open = conversationAt(state.descriptors.get(fd))
      if (flags !== 0) return ERRNO.inval
      return send(context, open, memory.pieces(pieces, count), done)
    },
    sock_shutdown: (fd: number, how: number) => {
      const { conversation } = conversationAt(state.descriptors.get(fd))
      if (how === 0 || (how & ~(NO_MORE_READING | NO_MORE_WRITING)) !== 0) return ERRNO.inval
      if (conversation.facts.failure !== undefined) return ERRNO.notconn
      if ((how & NO_MORE_READING) !== 0) conversation.stopReading()
      if ((how & NO_MORE_WRITING) !== 0) conversation.end()
      return ERRNO.success
    }
  }
}

/** Puts what has come as soon as there is some; 0 bytes: that was all. `whole`: as much as there is room for. */
export function receive (
  context: CallContext, { conversation, nonBlocking }: OpenConversation, into: readonly Uint8Array[], done: number,
  { peek, whole } = { peek: false, whole: false }
): number | Again {
  const { facts, session } = conversation
  const size = into.reduce((sum, { length }) => sum + length, 0)
  const wanted = whole ? Math.min(size, WINDOW_BYTES) : 1
  context.memory.putU32(done, 0)
  if (size === 0) return ERRNO.success
  const isThere = (): boolean => session.untakenBytes >= wanted || session.isOtherEnded || facts.isDeaf
  const found = until(context, () => isThere() || facts.failure !== undefined, nonBlocking)
  if (found !== ERRNO.success) return found
  if (session.untakenBytes === 0 && !conversation.isAtEnd && !facts.isDeaf) return errnoOf(facts.failure)
  context.memory.putU32(done, conversation.read(into, { peek }))
  return ERRNO.success
}

/** Takes it to be sent, as soon as there is room: all of it where that is no more than a window. */
export function send (
  context: CallContext, { conversation, nonBlocking }: OpenConversation, from: readonly Uint8Array[], done: number
): number | Again {
  context.memory.putU32(done, 0)
  const found = until(context, () => conversation.canWrite, nonBlocking)
  if (found !== ERRNO.success) return found
  if (conversation.facts.failure !== undefined) return errnoOf(conversation.facts.failure)
  if (conversation.session.isEnded) return ERRNO.pipe
  context.memory.putU32(done, conversation.write(from))
  return ERRNO.success
}

/** What becomes of what a descriptor stood for, when there is none for it any more. */
export function release ({ state: { conversations } }: CallContext, open: Descriptor): void {
  if (open.kind === 'listener') conversations.unlisten(open.listener)
  if (open.kind === 'conversation') conversations.close(open.conversation)
}

/** Waits until it is so; else gives why not. What is new is looked at first, also where nothing is waited for. */
function until ({ outside, state }: CallContext, isSo: () => boolean, nonBlocking: boolean): number | Again {
  if (outside.wantsSuspension()) return AGAIN
  while (!isSo()) {
    if (nonBlocking) return ERRNO.again
    if (outside.wait(undefined) === 'suspend') return AGAIN
    if (!isSo() && (state.signals?.length ?? 0) > 0) return ERRNO.intr
  }
  return ERRNO.success
}

/** Throws `notsock`, `notconn`. */
function conversationAt (open: Descriptor): OpenConversation {
  if (open.kind === 'conversation') return open
  throw new WasiFault(open.kind === 'listener' ? 'notconn' : 'notsock')
}

function errnoOf (failure: ErrorRecord | undefined): number {
  return ERRNO[(failure === undefined ? undefined : ERRNO_OF[failure.code]) ?? 'io']
}
