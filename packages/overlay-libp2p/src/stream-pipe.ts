import type { Stream } from '@libp2p/interface'
import type { Pipe, PipeEvents } from '@welkin/wire'

/** How long an end that does not read may hold up the close of a pipe. */
const CLOSE_MS = 500

/** An open libp2p stream as a pipe. It ends as a whole: an end of one direction is the end of both. */
export class StreamPipe implements Pipe {
  readonly #stream: Stream

  constructor (stream: Stream) {
    this.#stream = stream
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
      if (data instanceof Uint8Array) events.received(data)
      else for (const bytes of data) events.received(bytes)
    })
    stream.addEventListener('drain', () => {
      if (!stream.writableNeedsDrain) events.drained()
    })
    stream.addEventListener('remoteCloseWrite', () => {
      end()
      this.close()
    })
    stream.addEventListener('close', ({ error }) => end(error))
    if (stream.status !== 'open') end()
  }

  write (chunks: readonly Uint8Array[]): boolean {
    const stream = this.#stream
    let hasRoom = true
    for (const chunk of chunks) {
      if (stream.writeStatus !== 'writable') return true // the pipe's end is told of by its event
      hasRoom = stream.send(chunk)
    }
    return hasRoom
  }

  close (): void {
    this.#stream.close({ signal: AbortSignal.timeout(CLOSE_MS) }).catch((error: Error) => this.#stream.abort(error))
  }

  abort (): void {
    this.#stream.abort(new Error('The wire over this stream was given up.'))
  }
}
