import type { Cancel, ObjectId } from '@welkin/interface'
import { pipeBothWays, type Caller, type Calls } from '../../dispatch/index.ts'
import type { Communication } from './communication.ts'
import { onlyObjects } from './errors.ts'

export interface CommunicationCallPorts {
  calls: Calls
  communication: Communication
  /** For whom a call is made, as others may know it. */
  principalOf: (caller: Caller) => string
}

/** Serves the family `communication`. */
export function serveCommunication ({ calls, communication, principalOf }: CommunicationCallPorts): Cancel[] {
  return [
    calls.serveDuplex('dial', async ({ to, patienceMs }, { caller, channel, signal }) => {
      const onward = await communication.dial(caller, to, { patienceMs, signal })
      await channel.send(new Uint8Array(0))
      await pipeBothWays(channel, onward, { duplex: true })
    }),
    calls.serveDuplex('connect', async ({ id, port }, { caller, channel, signal }) => {
      await communication.serve(id, port, principalOf(caller), channel, signal)
    }),
    calls.serve('listen', ({ port }, { caller, signal }) => {
      return communication.listen(objectOf(caller, 'listen'), port, signal)
    }),
    calls.serveDuplex('accept', async ({ connection }, { caller, channel }) => {
      await communication.accept(objectOf(caller, 'accept'), connection, channel)
    })
  ]
}

/** Throws EPERM. */
function objectOf (caller: Caller, what: string): ObjectId {
  if (caller.kind !== 'object') throw onlyObjects(what)
  return caller.id
}
