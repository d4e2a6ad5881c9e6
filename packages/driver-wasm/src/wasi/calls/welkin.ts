import type { CallContext, Calls } from '../context.ts'
import { AGAIN, type Again } from '../outside.ts'
import { SIGNALS } from './process.ts'

/** What the calls of this module give that are no error numbers. */
const NOTHING = 0

/** The module `welkin`: system calls, and signals. */
export function welkinCalls ({ memory, outside, state }: CallContext): Calls {
  return {
    /** Makes a system call; gives how long its reply is, or, negative, how long what says why not. */
    sys: (name: number, nameLength: number, args: number, argsLength: number): number | Again => {
      if (state.calling === undefined) {
        const call = { name: memory.text(name, nameLength), args: memory.text(args, argsLength) }
        if (outside.wantsSuspension()) return AGAIN
        state.reply = undefined
        state.calling = { ...call, requestId: drawRequestId() }
        outside.call(state.calling)
      } else if (state.reply === undefined) outside.call(state.calling) // made again, maybe elsewhere
      while (state.reply === undefined) {
        if (outside.wait(undefined) === 'suspend') return AGAIN
      }
      state.calling = undefined
      const isGood = state.reply[0] === 1
      state.reply = state.reply.subarray(1)
      return isGood ? state.reply.length : -state.reply.length
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

