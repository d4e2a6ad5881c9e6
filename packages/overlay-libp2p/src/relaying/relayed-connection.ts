import type { AbortOptions, Stream } from '@libp2p/interface'
import { AbstractMultiaddrConnection, type SendResult } from '@libp2p/utils'
import { multiaddr } from '@multiformats/multiaddr'
import type { NodeId } from '@welkin/interface'
import type { Uint8ArrayList } from 'uint8arraylist'

/** Which way a relayed connection goes. */
export interface Detour { relay: NodeId, peer: NodeId }

/**
 * A stream to a relay, in the place of a socket to `peer`: libp2p makes a connection over it as over any other, with
 * encryption and the proof of the peer's identity from end to end.
 */
export class RelayedConnection extends AbstractMultiaddrConnection {
  readonly #stream: Stream

  constructor (stream: Stream, { relay, peer }: Detour) {
    const { direction, log } = stream
    super({ direction, log, remoteAddr: multiaddr(`/p2p/${relay}/p2p-circuit/p2p/${peer}`) })
    this.#stream = stream
    stream.addEventListener('close', ({ error }) => this.onTransportClosed(error))
    stream.addEventListener('remoteCloseWrite', () => {
      this.onRemoteCloseWrite()
      this.close({ signal: AbortSignal.timeout(CLOSE_MS) }).catch((error: Error) => this.abort(error))
    })
    stream.addEventListener('drain', () => { this.safeDispatchEvent('drain') })
    stream.addEventListener('message', ({ data }) => this.onData(data))
  }

  override sendData (data: Uint8ArrayList): SendResult {
    const sentBytes = data.byteLength
    return { sentBytes, canSendMore: this.#stream.send(data) }
  }

  override async sendClose (options?: AbortOptions): Promise<void> {
    await this.#stream.close(options)
  }

  override sendReset (error: Error): void {
    this.#stream.abort(error)
  }

  override sendPause (): void {
    this.#stream.pause()
  }

  override sendResume (): void {
    this.#stream.resume()
  }
}

/** How long an end that does not read may hold up the close of a connection. */
const CLOSE_MS = 500
