import { isCloudError, type ErrorRecord } from '@welkin/interface/errors'
import type { CallContext, Calls } from '../context.ts'
import { WasiFault } from '../errno.ts'
import { AGAIN, type Again, type SystemCall } from '../outside.ts'
import { clockNs, MONOTONIC } from './clocks.ts'
import { letterBytes, withBody } from './letters.ts'
import { SIGNALS } from './process.ts'
import { NON_BLOCKING } from './sockets.ts'

/** What the calls of this module give that are no error numbers. */
const NOTHING = 0
const NS_PER_MS = 1_000_000n
const encoder = new TextEncoder()

/** The module `welkin`: system calls, letters, conversations, and signals. */
export function welkinCalls (context: CallContext): Calls {
  const { memory, outside, state } = context
  return {
    /** Makes a system call; gives how long its reply is, or, negative, how long what says why not. */
    sys: (name: number, nameLength: number, args: number, argsLength: number): number | Again => {
      return ask(() => ({ name: memory.text(name, nameLength), args: memory.text(args, argsLength) }))
    },
    /** The system call `send`, whose body stands beside its other arguments. */
    send: (args: number, argsLength: number, body: number, bodyLength: number): number | Again => {
      return ask(() => {
        return { name: 'send', args: withBody(memory.text(args, argsLength), memory.bytes(body, bodyLength)) }
      })
    },
    /**
     * Acknowledges a letter, unless that is empty, and waits for the first of the mailbox ("": `in`); patience below 0:
     * as long as it takes. Gives as `sys` does how long the letter is, and 0 where none came in time, or a signal did.
     */
    receive: (
      mailbox: number, mailboxLength: number, ack: number, ackLength: number, patienceMs: number
    ): number | Again => {
      const length = ask(() => {
        const args = {
          mailbox: memory.text(mailbox, mailboxLength) || undefined,
          ack: memory.text(ack, ackLength) || undefined,
          patienceMs: leftMs(patienceMs)
        }
        return { name: 'mail.next', args: JSON.stringify(args) }
      }, () => (state.signals?.length ?? 0) > 0)
      if (length === AGAIN) return AGAIN
      state.waitingSinceNs = undefined
      if (length <= 0) return length
      state.reply = letterBytes(state.reply as Uint8Array)
      return state.reply.length
    },
    /** Listens on a port of this name; gives a descriptor, or as `sys` does why not. */
    listen: (port: number, portLength: number): number => {
      state.descriptors.checkRoom()
      return told((): number => {
        const listener = state.conversations.listen(memory.text(port, portLength))
        return state.descriptors.add({ kind: 'listener', listener, nonBlocking: false })
      })
    },
    /** Talks to what NAME:PORT stands for, when somebody is there: gives a descriptor, or as `sys` does why not. */
    dial: (to: number, toLength: number, flags: number): number | Again => {
      const { conversations, descriptors } = state
      if ((flags & ~NON_BLOCKING) !== 0) throw new WasiFault('inval')
      descriptors.checkRoom()
      if (conversations.dialled === undefined && outside.wantsSuspension()) return AGAIN
      return told(() => {
        const conversation = conversations.dialled ?? conversations.dial(memory.text(to, toLength), drawRequestId())
        const { facts } = conversation
        while (conversation.wire === undefined && facts.failure === undefined) {
          if (outside.wait(undefined) === 'suspend') return AGAIN
          if (conversation.wire === undefined && (state.signals?.length ?? 0) > 0) {
            conversations.close(conversation)
            throw new WasiFault('intr')
          }
        }
        if (facts.failure !== undefined) {
          conversations.close(conversation)
          return refusal(facts.failure)
        }
        facts.isPending = false
        return descriptors.add({ kind: 'conversation', conversation, nonBlocking: (flags & NON_BLOCKING) !== 0 })
      })
    },
    /** Who has dialled, as a principal, or what was dialled, cut where it is longer; gives how long it is. */
    from: (fd: number, into: number, size: number) => {
      const open = state.descriptors.get(fd)
      if (open.kind !== 'conversation') throw new WasiFault('notsock')
      const { origin } = open.conversation.facts
      const text = origin.kind === 'called' ? origin.from : origin.to
      memory.putText(into, text, size >>> 0)
      return encoder.encode(text).length
    },
    /** Puts the reply of the last call; gives how much of it. */
    reply: (pointer: number, size: number) => {
      const part = (state.reply ?? new Uint8Array(0)).subarray(0, size >>> 0)
      memory.bytes(pointer, part.length).set(part)
      return part.length
    },
    /** From the first time on, signals end the program no more; gives the next one, by its number, or 0. */
    signal: () => {
      if (state.signals === undefined) {
        state.signals = []
        outside.handlesSignals()
      }
      return state.signals.shift() ?? NOTHING
    }
  }

  /**
   * `read` reads the call out of the memory, as it is now: again where it is made again. Gives 0 as soon as it
   * `isInterrupted` before there is a reply.
   */
  function ask (read: () => Omit<SystemCall, 'requestId'>, isInterrupted = () => false): number | Again {
    if (state.calling === undefined) {
      const call = read()
      if (outside.wantsSuspension()) return AGAIN
      state.reply = undefined
      state.calling = { ...call, requestId: drawRequestId() }
      outside.call(state.calling)
    } else if (state.reply === undefined) outside.call({ ...state.calling, ...read() }) // made again, maybe elsewhere
    while (state.reply === undefined && !isInterrupted()) {
      if (outside.wait(undefined) === 'suspend') return AGAIN
    }
    state.calling = undefined
    if (state.reply === undefined) return NOTHING
    const isGood = state.reply[0] === 1
    state.reply = state.reply.subarray(1)
    return isGood ? state.reply.length : -state.reply.length
  }

  /** What `act` gives; for an error, how long it is, negative, and the reply is that. */
  function told<T extends number | Again> (act: () => T): T | number {
    try {
      return act()
    } catch (error) {
      if (isCloudError(error)) return refusal(error.toJSON())
      throw error
    }
  }

  function refusal (error: ErrorRecord): number {
    state.reply = encoder.encode(JSON.stringify(error))
    return -state.reply.length
  }

  /** Of a wait that may have begun elsewhere. */
  function leftMs (patienceMs: number): number | undefined {
    if (patienceMs < 0) return undefined
    const nowNs = clockNs(context, MONOTONIC)
    state.waitingSinceNs ??= nowNs
    return Math.max(0, patienceMs - Number((nowNs - state.waitingSinceNs) / NS_PER_MS))
  }

  function drawRequestId (): string {
    const bytes = new Uint8Array(16)
    outside.random(bytes)
    return [...bytes].map(byte => byte.toString(16).padStart(2, '0')).join('')
  }
}

/** The number of a signal in WASI; undefined: there is none of that name. */
export function signalNumber (name: string): number | undefined {
  const number = SIGNALS.indexOf(name)
  return number > 0 ? number : undefined
}
