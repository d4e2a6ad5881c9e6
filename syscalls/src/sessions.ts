import { decode, type CallOptions } from '@welkin/abi'
import { isCloudError, type Channel, type ObjectId } from '@welkin/interface'
import { converse, firstOf, type Caller } from './dial.ts'

/** So often an object is followed at once. */
const MOVES_MAX = 16

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
  let node: string | undefined
  for (let moves = 0; ; moves++) {
    const channel = converse(caller, 'connect', { id: object, port, session, again: true }, { ...options, node })
    try {
      await firstOf(channel)
      return channel
    } catch (error) {
      const movedTo = isCloudError(error, 'ESTALE') ? error.fields['node'] : undefined
      if (typeof movedTo !== 'string' || moves >= MOVES_MAX) throw error
      node = movedTo
    }
  }
}
