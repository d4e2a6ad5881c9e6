import type { AbortOptions, Channel, Link, ObjectId } from '@welkin/interface'
import { accept, beginSession, continueSession, listening, type Caller, type Reached } from '@welkin/syscalls'

/** Conversations of programs that keep the numbered ends of them themselves, each in its object's own name. */
export function programConversations (linkFor: (object: ObjectId) => Link, drawRequestId: () => string) {
  const callerFor = (object: ObjectId): Caller => ({ link: linkFor(object), options: { drawRequestId } })
  return {
    listen: (object: ObjectId, port: string, options: AbortOptions) => {
      return listening(callerFor(object), port, true, options)
    },
    accept: (object: ObjectId, connection: string) => accept(callerFor(object), connection, {}),
    begin: async (
      object: ObjectId, to: string, session: string, options: AbortOptions
    ): Promise<Reached & { channel: Channel }> => await beginSession(callerFor(object), to, session, options),
    goOn: async (object: ObjectId, reached: Reached, session: string, options: AbortOptions): Promise<Channel> => {
      return await continueSession(callerFor(object), reached, session, options)
    }
  }
}
