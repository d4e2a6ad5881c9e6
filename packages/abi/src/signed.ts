import type { Keys, NodeId, SigningKey } from '@welkin/interface'
import { encode } from './envelope.ts'

export const SIGNATURE_BYTES = 64

/** Values as msgpack and signed, to be passed on as they are: the signature, then what is signed. */
export function seal (values: readonly unknown[], key: SigningKey): Uint8Array {
  const signed = encode(values)
  const wire = new Uint8Array(SIGNATURE_BYTES + signed.byteLength)
  wire.set(key.sign(signed))
  wire.set(signed, SIGNATURE_BYTES)
  return wire
}

/** Whether `signer` has said this. */
export function isSealedBy (signer: NodeId, wire: Uint8Array, keys: Pick<Keys, 'verify'>): boolean {
  return keys.verify(signer, wire.subarray(SIGNATURE_BYTES), wire.subarray(0, SIGNATURE_BYTES))
}
