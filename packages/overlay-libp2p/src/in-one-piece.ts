import type { ConnectionEncrypter, MessageStream } from '@libp2p/interface'

/** What libp2p takes to make an encryption. */
export type CreateEncrypter<Components> = (components: Components) => ConnectionEncrypter

/**
 * The same encryption, with each of its sends made in one piece. Noise gives the length and the parts of the ciphertext
 * as a list, and libp2p's TCP makes a system call for each member of a list: copying them into one is cheaper by far
 * (12 writes for a megabyte instead of 74). `onSent` is told of each piece, handshakes among them.
 */
export function inOnePiece<Components> (
  create: CreateEncrypter<Components>, onSent: (bytes: number) => void
): CreateEncrypter<Components> {
  const joined = (raw: MessageStream): MessageStream => {
    const send = raw.send.bind(raw)
    raw.send = data => {
      onSent(data.byteLength)
      return send(data instanceof Uint8Array ? data : data.subarray())
    }
    return raw
  }
  return components => {
    const encrypter = create(components)
    const secureOutbound = encrypter.secureOutbound.bind(encrypter)
    const secureInbound = encrypter.secureInbound.bind(encrypter)
    return Object.assign(encrypter, {
      secureOutbound: (async (raw, options) => await secureOutbound(joined(raw), options)) as typeof secureOutbound,
      secureInbound: (async (raw, options) => await secureInbound(joined(raw), options)) as typeof secureInbound
    })
  }
}
