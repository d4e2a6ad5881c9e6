import { encode } from '@welkin/abi'
import { joinStreams, pipeBothWays, withDeadline } from '@welkin/async'
import { CloudError, isCloudError, type Cancel, type Clock, type ObjectId } from '@welkin/interface'
import type { Caller, Calls } from '../../dispatch/index.ts'
import type { Communication } from './communication.ts'
import { notRunning, onlyObjects } from './errors.ts'
import type { OwnObjects } from './objects.ts'

const LETTER_BYTES_MAX = 1 << 20

export interface CommunicationCallPorts {
  calls: Calls
  clock: Clock
  communication: Communication
  objects: OwnObjects
  /** For whom a call is made, as others may know it. */
  principalOf: (caller: Caller) => string
}

/** Serves the family `communication`. */
export function serveCommunication (ports: CommunicationCallPorts): Cancel[] {
  return [...serveConversations(ports), ...serveMail(ports)]
}

function serveConversations ({ calls, communication, principalOf }: CommunicationCallPorts): Cancel[] {
  return [
    calls.serveDuplex('dial', async ({ to, patienceMs, resumable, session }, { caller, channel, signal }) => {
      if (session !== undefined) {
        const { reached, onward } = await communication.begin(caller, to, session, { patienceMs, signal })
        await channel.send(encode({ object: reached.object, port: reached.port }))
        return await pipeBothWays(channel, onward, { duplex: true })
      }
      if (resumable) return await communication.talk(caller, to, channel, { patienceMs, signal })
      const onward = await communication.dial(caller, to, { patienceMs, signal })
      await channel.send(new Uint8Array(0))
      await joinStreams(channel, onward)
    }),
    calls.serveDuplex('connect', async (args, { caller, channel, signal }) => {
      await communication.serve({ ...args, from: principalOf(caller), port: args.port }, channel, signal)
    }),
    calls.serve('listen', ({ port, resumable }, { caller, signal }) => {
      return communication.listen(objectOf(caller, 'listen'), port, resumable, signal)
    }),
    calls.serveDuplex('accept', async ({ connection }, { caller, channel }) => {
      await communication.accept(objectOf(caller, 'accept'), connection, channel)
    })
  ]
}

function serveMail ({ calls, clock, communication, objects, principalOf }: CommunicationCallPorts): Cancel[] {
  const { mail, sender } = communication
  return [
    calls.serve('send', async ({ to, id: given, ...letter }, { caller, requestId, signal }) => {
      checkSize(letter.body)
      const id = given ?? requestId // so that a call that is made again brings no other letter
      return { id, ...await sender.send(caller, to, { ...letter, id, sentAtMs: clock.wallMs() }, { signal }) }
    }),
    calls.serve('deliver', async ({ id, mailbox, letter, body, sentAtMs }, { caller, signal }) => {
      checkSize(body)
      const { state } = objects.get(id)
      if (state === 'ended') throw notRunning(id, state)
      // The body is a view of what came in with it.
      const kept = { id: letter, from: principalOf(caller), body: body.slice(), sentAtMs }
      return { id, fresh: await mail.deliver(id, mailbox, kept, { signal }) }
    }),
    calls.serve('receive', ({ mailbox, ahead }, { caller, input, signal }) => {
      return mail.receive(objectOf(caller, 'read a mailbox'), mailbox, ahead, input, signal)
    }),
    calls.serve('mail.next', async ({ mailbox, ack, patienceMs }, { caller, signal }) => {
      const object = objectOf(caller, 'read a mailbox')
      if (ack !== undefined) await mail.acknowledge(object, mailbox, ack)
      const bounds = { timeoutMs: patienceMs, signal, what: 'mail.next' }
      try {
        return { letter: await withDeadline(clock, bounds, async within => await mail.next(object, mailbox, within)) }
      } catch (error) {
        if (isCloudError(error, 'ETIMEDOUT')) return {}
        throw error
      }
    })
  ]
}

function checkSize ({ byteLength: bytes }: Uint8Array): void {
  if (bytes <= LETTER_BYTES_MAX) return
  throw new CloudError('E2BIG', `A letter has ${LETTER_BYTES_MAX} bytes at the most; send the id of a blob.`, {
    fields: { bytes, bytesMax: LETTER_BYTES_MAX }
  })
}

/** Throws EPERM. */
function objectOf (caller: Caller, what: string): ObjectId {
  if (caller.kind !== 'object') throw onlyObjects(what)
  return caller.id
}
