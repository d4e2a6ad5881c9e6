import type { Stream } from '@libp2p/interface'
import type { Pipe, PipeEvents } from '@welkin/wire'
import { Uint8ArrayList } from 'uint8arraylist'

/** How long an end that does not read may hold up the close of a pipe. */
const CLOSE_MS = 500

/**
 * Bytes that go to the connection at a time. More is faster by little, at the expense of every other stream of the
 * connection, which stands behind it: 256 KiB take 20 ms at 100 Mbit/s.
 */
const TURN_BYTES = 256 * 1024

/** An open libp2p stream as a pipe. It ends as a whole: an end of one direction is the end of both. */
export class StreamPipe implements Pipe {
  readonly #stream: Stream
  readonly #onReceived: () => void
  readonly #held = new Uint8ArrayList()

  /** `onReceived` is called whenever bytes have come. */
  constructor (stream: Stream, onReceived: () => void) {
    this.#stream = stream
    this.#onReceived = onReceived
  }

  open (events: PipeEvents): void {
    const stream = this.#stream
    let ended = false
    const end = (reason?: Error): void => {
      if (ended) return
      ended = true
      events.ended(reason)
    }
    stream.addEventListener('message', ({ data }) => {
      this.#onReceived()
      if (data instanceof Uint8Array) events.received(data)
      else for (const bytes of data) events.received(bytes)
    })
    stream.addEventListener('drain', () => {
      if (this.#sendHeld()) events.drained()
    })
    stream.addEventListener('remoteCloseWrite', () => {
      end()
      this.close()
    })
    stream.addEventListener('close', ({ error }) => end(error))
    if (stream.status !== 'open') end()
  }

  write (chunks: readonly Uint8Array[]): boolean {
    for (const chunk of chunks) this.#held.append(chunk)
    return this.#sendHeld()
  }

  close (): void {
    const stream = this.#stream
    if (stream.writeStatus === 'writable' && this.#held.byteLength > 0) stream.send(this.#held)
    stream.close({ signal: AbortSignal.timeout(CLOSE_MS) }).catch((error: Error) => stream.abort(error))
  }

  abort (): void {
    this.#stream.abort(new Error('The wire over this stream was given up.'))
  }

  // False: some is held back, or the stream takes no more after this.
  #sendHeld (): boolean {
    const stream = this.#stream
    while (this.#held.byteLength > 0 && !stream.writableNeedsDrain) {
      if (stream.writeStatus !== 'writable') return true // its end is told of by its event
      const turn = this.#held.sublist(0, Math.min(TURN_BYTES, this.#held.byteLength))
      this.#held.consume(turn.byteLength)
      stream.send(turn)
    }
    return !stream.writableNeedsDrain
  }
}
