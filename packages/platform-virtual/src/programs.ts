import { CloudError, throwIfAborted, type ByteStream, type Cancel, type Dialer } from '@welkin/interface'
import type { Life } from './life.ts'
import { streamPair } from './stream-pair.ts'
import type { Timeline } from './timeline.ts'

/** A connection takes so long to be made. */
const CONNECT_MS = 0.05

/** What a program does with one who connects to it. */
export type VirtualProgram = (connection: ByteStream) => Promise<void>

/** The programs of a virtual machine that listen on its ports. */
export class VirtualPrograms {
  readonly #timeline: Timeline
  readonly #listening = new Map<number, { program: VirtualProgram, open: Set<ByteStream> }>()

  constructor (timeline: Timeline) {
    this.#timeline = timeline
  }

  /** Until it is cancelled; then its connections break off, as those of a program that is killed. */
  listen (port: number, program: VirtualProgram): Cancel {
    const listener = { program, open: new Set<ByteStream>() }
    this.#listening.set(port, listener)
    return () => {
      if (this.#listening.get(port) === listener) this.#listening.delete(port)
      for (const connection of listener.open) connection.fail(brokenOff())
    }
  }

  /** A life's way to them; it ends with the life, as a dead daemon's connections do. */
  dialer (life: Life): Dialer {
    return {
      connect: async (port, { signal } = {}) => {
        await life.alive()
        throwIfAborted(signal)
        await life.pass(CONNECT_MS)
        throwIfAborted(signal)
        const listener = this.#listening.get(port)
        if (listener === undefined) {
          const message = `Nothing listens on TCP port ${port} of the loopback address.`
          throw new CloudError('ECONNREFUSED', message, { fields: { port } })
        }
        const [near, far] = streamPair()
        listener.open.add(far)
        const forget = life.onEnd(() => far.fail(brokenOff()))
        this.#timeline.after(0, () => {
          void listener.program(far).catch(() => far.fail(brokenOff())).then(() => {
            listener.open.delete(far)
            forget()
          })
        })
        return near
      }
    }
  }
}

function brokenOff (): CloudError {
  return new CloudError('ECONNRESET', 'The program at the other end has broken off.')
}
