import type { Socket } from 'node:net'
import type { Pipe, PipeEvents } from '@welkin/wire'

/** How long an end that does not read may hold up the close of a pipe. */
const CLOSE_MS = 1000

/** A connected socket as a pipe. */
export class SocketPipe implements Pipe {
  readonly #socket: Socket

  constructor (socket: Socket) {
    this.#socket = socket
  }

  open (events: PipeEvents): void {
    let cause: Error | undefined
    this.#socket
      .on('data', (bytes: Buffer) => events.received(bytes))
      .on('drain', () => events.drained())
      .on('error', error => { cause = error })
      .on('close', () => events.ended(cause))
  }

  write (chunks: readonly Uint8Array[]): boolean {
    const socket = this.#socket
    if (!socket.writable) return true
    let hasRoom = true
    socket.cork()
    for (const chunk of chunks) hasRoom = socket.write(chunk)
    socket.uncork()
    return hasRoom
  }

  close (): void {
    this.#socket.destroySoon()
    const timer = setTimeout(() => this.#socket.destroy(), CLOSE_MS)
    this.#socket.once('close', () => clearTimeout(timer))
  }

  abort (): void {
    this.#socket.destroy()
  }
}
