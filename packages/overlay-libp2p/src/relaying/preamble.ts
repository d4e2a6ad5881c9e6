import type { AbortOptions, Stream } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { lpStream, type LengthPrefixedStream } from '@libp2p/utils'
import { CloudError, isCloudError, reviveError, toErrorRecord, type NodeId } from '@welkin/interface'

/** A request to pass on what follows to a peer, at the relay. */
export const RELAY_PROTOCOL = '/welkin/relay/1'
/** The word that what follows is passed on from a peer, at whom it was asked for. */
export const RELAYED_PROTOCOL = '/welkin/relayed/1'

/** An error's record is the longest of what is said. */
const MESSAGE_BYTES_MAX = 4096

/**
 * What is said on a stream before it carries what is passed on: the name of a peer one way, and back an error or none;
 * JSON, each message with its length before it. Whatever is not so formed is EPROTO.
 */
export class Preamble {
  readonly #messages: LengthPrefixedStream<Stream>

  constructor (stream: Stream) {
    this.#messages = lpStream(stream, { maxDataLength: MESSAGE_BYTES_MAX, maxBufferSize: 64 * MESSAGE_BYTES_MAX })
  }

  async sayPeer (peer: NodeId, options: AbortOptions): Promise<void> {
    await this.#say({ peer }, options)
  }

  async hearPeer (options: AbortOptions): Promise<NodeId> {
    const { peer } = await this.#hear(options)
    try {
      return peerIdFromString(String(peer)).toString()
    } catch (cause) {
      throw new CloudError('EPROTO', 'What was asked for is the id of no peer.', { cause })
    }
  }

  async answer (options: AbortOptions, error?: unknown): Promise<void> {
    await this.#say(error === undefined ? {} : { error: toErrorRecord(error) }, options)
  }

  /** Rejects with the error that was answered. */
  async hearAnswer (options: AbortOptions): Promise<void> {
    const { error } = await this.#hear(options)
    if (error !== undefined) throw reviveError(error)
  }

  /** The stream, with whatever came after. */
  end (): Stream {
    return this.#messages.unwrap()
  }

  async #say (message: object, options: AbortOptions): Promise<void> {
    await this.#messages.write(new TextEncoder().encode(JSON.stringify(message)), options)
  }

  async #hear (options: AbortOptions): Promise<{ peer?: unknown, error?: unknown }> {
    try {
      const message: unknown = JSON.parse(new TextDecoder().decode((await this.#messages.read(options)).subarray()))
      if (typeof message === 'object' && message !== null) return message
      throw new CloudError('EPROTO', 'What came is no message of a relay.')
    } catch (cause) {
      if (isCloudError(cause)) throw cause
      if (options.signal?.aborted === true) {
        throw new CloudError('ETIMEDOUT', 'A relay, or who asked it, said nothing in time.', { cause })
      }
      throw new CloudError('EPROTO', 'A relay, or who asked it, left or spoke out of form.', { cause })
    }
  }
}
