import { decode, type CallOptions } from '@welkin/abi'
import { firstOf } from '@welkin/async'
import type { Channel, ObjectId } from '@welkin/interface'
import { connectWherever } from '@welkin/resumable'
import { converse, type Caller } from './dial.ts'

/** Who was reached, as it is to be asked for again. */
export interface Reached { object: ObjectId, port: string | number }

type SessionOptions = Pick<CallOptions, 'signal'>

/**
 * Begins a session with what `to` (`NAME:PORT`) stands for, for who keeps the numbered end of it himself
 * (`@welkin/resumable`); one that a call before has begun is gone on with. Rejects as `dial` does.
 */
export async function beginSession (
  caller: Caller, to: string, session: string, options: SessionOptions = {}
): Promise<Reached & { channel: Channel }> {
  const channel = converse(caller, 'dial', { to, session }, options)
  const reached = decode(await firstOf(channel)) as Reached
  return { ...reached, channel }
}

/** Goes on with it over another connection, wherever the object is now. Rejects ENOENT (given up), ESRCH, EHOSTDOWN. */
export async function continueSession (
  caller: Caller, { object, port }: Reached, session: string, options: SessionOptions = {}
): Promise<Channel> {
  return await connectWherever(undefined, async node => {
    const channel = converse(caller, 'connect', { id: object, port, session, again: true }, { ...options, node })
    await firstOf(channel)
    return channel
  })
}
