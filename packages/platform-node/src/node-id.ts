import type { NodeId } from '@welkin/interface'
import { fromString } from 'uint8arrays/from-string'
import { toString } from 'uint8arrays/to-string'

export const PUBLIC_KEY_BYTES = 32

/** Identity multihash of 36 bytes, which are a protobuf: type (1) Ed25519, data (2) of 32 bytes. */
const PREFIX = Uint8Array.of(0x00, 0x24, 0x08, 0x01, 0x12, 0x20)

/** Beyond any id's length, so that decoding a stranger's text stays cheap. */
const ID_CHARACTERS_MAX = 64

/** The id of the node with this Ed25519 public key, as libp2p writes it (specs/peer-ids). */
export function nodeIdOf (publicKey: Uint8Array): NodeId {
  return toString(Buffer.concat([PREFIX, publicKey]), 'base58btc')
}

/** The 32 bytes of the public key that the id stands for, or undefined where it is none of an Ed25519 key. */
export function publicKeyOf (id: NodeId): Uint8Array | undefined {
  const bytes = decode(id)
  if (bytes?.byteLength !== PREFIX.byteLength + PUBLIC_KEY_BYTES) return undefined
  if (!PREFIX.every((byte, i) => bytes[i] === byte)) return undefined
  return bytes.subarray(PREFIX.byteLength)
}

function decode (id: string): Uint8Array | undefined {
  if (id.length > ID_CHARACTERS_MAX) return undefined
  try {
    return fromString(id, 'base58btc')
  } catch {
    return undefined // a character that is not of the alphabet
  }
}
