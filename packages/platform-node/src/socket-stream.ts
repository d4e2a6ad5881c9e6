import type { Socket } from 'node:net'
import { CloudError, type ByteStream } from '@welkin/interface'

/** Of what a program says so much is read ahead. */
const AHEAD_BYTES = 256 * 1024

/** A connection of this machine as a stream of bytes. `socket` must allow to be half open. */
export function socketStream (socket: Socket): ByteStream {
  return new SocketStream(socket)
}

class SocketStream implements ByteStream {
  readonly #socket: Socket
  /** What was read ahead, in the pieces in which it came: joining them would copy every byte. */
  readonly #ahead: Uint8Array[] = []
  #aheadBytes = 0
  #failure: CloudError | undefined
  #readable = (): void => {}
  #writable = (): void => {}

  constructor (socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    const wake = (): void => {
      this.#readable()
      this.#writable()
    }
    socket.on('data', (bytes: Uint8Array) => {
      this.#ahead.push(bytes)
      this.#aheadBytes += bytes.byteLength
      if (this.#aheadBytes >= AHEAD_BYTES) socket.pause()
      this.#readable()
    })
    socket.on('drain', () => this.#writable())
    socket.on('end', () => this.#readable())
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#failure ??= connectionReset(error)
      wake()
    })
    socket.on('close', wake)
  }

  async send (message: Uint8Array): Promise<void> {
    this.#throwIfFailed()
    if (this.#socket.writableEnded || this.#socket.destroyed) {
      throw new CloudError('EPIPE', 'The program at the other end reads no more.')
    }
    if (message.byteLength === 0 || this.#socket.write(message)) return
    while (this.#socket.writableNeedDrain && !this.#socket.destroyed) {
      await new Promise<void>(resolve => { this.#writable = resolve })
    }
    this.#throwIfFailed()
  }

  async end (): Promise<void> {
    this.#throwIfFailed()
    if (!this.#socket.writableEnded) this.#socket.end()
  }

  fail (error: CloudError): void {
    this.#failure ??= error
    if (this.#socket.destroyed) return
    // The program is to see that something went wrong, and not an end.
    this.#socket.resetAndDestroy()
  }

  [Symbol.asyncIterator] (): AsyncIterator<Uint8Array> {
    return {
      next: async () => {
        for (;;) {
          this.#throwIfFailed()
          const bytes = this.#take()
          if (bytes !== undefined) return { done: false, value: bytes }
          if (this.#socket.readableEnded) return { done: true, value: undefined }
          if (this.#socket.destroyed) throw this.#failure ??= connectionReset()
          await new Promise<void>(resolve => { this.#readable = resolve })
        }
      },
      return: async () => ({ done: true, value: undefined })
    }
  }

  #take (): Uint8Array | undefined {
    const bytes = this.#ahead.shift()
    if (bytes === undefined) return undefined
    this.#aheadBytes -= bytes.byteLength
    if (this.#socket.isPaused() && this.#aheadBytes * 2 < AHEAD_BYTES) this.#socket.resume()
    return bytes
  }

  #throwIfFailed (): void {
    if (this.#failure !== undefined) throw this.#failure
  }
}

function connectionReset (cause?: NodeJS.ErrnoException): CloudError {
  if (cause?.code === 'EPIPE') return new CloudError('EPIPE', 'The program at the other end reads no more.', { cause })
  return new CloudError('ECONNRESET', 'The program at the other end has broken off.', { cause })
}
