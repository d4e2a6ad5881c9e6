import { decode, encode, nodeRecord } from '@welkin/abi'
import { CloudError, type Keys, type NodeId, type NodeRecord } from '@welkin/interface'
import type { z } from 'zod'
import { handleOf, isHandle, type Handle } from './handle.ts'
import { isStamp, type Stamp } from './stamp.ts'
import { packVitals, unpackVitals, type Vitals } from './vitals.ts'

const SIGNATURE_BYTES = 64
/** Of one statement, signature and all. */
const SIZE_BYTES_MAX = 16 * 1024

/** Kinds on the wire; they also keep these signatures from being taken for any other of the node's. */
const FACTS = 'wkf1'
const VITALS = 'wkv1'
const ACCUSATION = 'wka1'

const factsSchema = nodeRecord.pick({
  id: true, name: true, zone: true, addresses: true, version: true, machine: true, drivers: true
}).strip() // what nodes of later versions tell beside this is not for this one

/** What a node says of itself when it starts, and when it changes. */
export type NodeFacts = Pick<NodeRecord, 'id' | 'name' | 'zone' | 'addresses' | 'version' | 'machine' | 'drivers'>

/** As it stands on the wire, to be passed on as it came: the signature, then what is signed. */
interface Sealed { readonly wire: Uint8Array }

export interface FactsStatement extends Sealed { kind: 'facts', subject: Handle, stamp: Stamp, facts: NodeFacts }
export interface VitalsStatement extends Sealed { kind: 'vitals', subject: Handle, stamp: Stamp, vitals: Vitals }
/** `accuser` does not get through to `subject`, of which it has heard no more than `stamp`. */
export interface Accusation extends Sealed { kind: 'accusation', subject: Handle, stamp: Stamp, accuser: Handle }

export type Statement = FactsStatement | VitalsStatement | Accusation

/** Throws EINVAL for facts that every other node would refuse. */
export function sealFacts (facts: NodeFacts, stamp: Stamp, keys: Keys): FactsStatement {
  const { error } = factsSchema.safeParse(facts)
  if (error !== undefined) throw unfit(error)
  const wire = seal([FACTS, stamp.incarnation, stamp.version, facts], keys)
  if (wire.byteLength > SIZE_BYTES_MAX) throw tooLarge(wire.byteLength)
  return { kind: 'facts', subject: handleOf(facts.id, keys), stamp, facts, wire }
}

export function sealVitals (vitals: Vitals, subject: Handle, stamp: Stamp, keys: Keys): VitalsStatement {
  const packed = packVitals(vitals)
  const wire = seal([VITALS, subject, stamp.incarnation, stamp.version, ...packed], keys)
  // As others will see it: rounded.
  return { kind: 'vitals', subject, stamp, vitals: unpackVitals(packed) ?? vitals, wire }
}

export function sealAccusation (subject: Handle, stamp: Stamp, accuser: Handle, keys: Keys): Accusation {
  const wire = seal([ACCUSATION, subject, stamp.incarnation, stamp.version, accuser], keys)
  return { kind: 'accusation', subject, stamp, accuser, wire }
}

/** What stands in a message, its signature not yet checked. Throws EPROTO for what is not well formed. */
export function openStatement (wire: Uint8Array, keys: Keys): Statement {
  if (wire.byteLength <= SIGNATURE_BYTES || wire.byteLength > SIZE_BYTES_MAX) throw refused(`it has ${wire.byteLength} bytes`)
  const body = decode(wire.subarray(SIGNATURE_BYTES))
  if (!Array.isArray(body)) throw refused('it is no list')
  const [kind, ...rest] = body as unknown[]
  if (kind === FACTS) return openFacts(rest, wire, keys)
  const [subject, incarnation, version, ...more] = rest
  if (!isHandle(subject) || !isStamp(incarnation, version)) throw refused('it does not say of whom it is')
  const stamp = { incarnation: incarnation as number, version: version as number }
  if (kind === VITALS) {
    const vitals = unpackVitals(more)
    if (vitals === undefined) throw refused('no node has such vitals')
    return { kind: 'vitals', subject, stamp, vitals, wire }
  }
  const [accuser] = more
  if (kind !== ACCUSATION || !isHandle(accuser)) throw refused('it is of an unknown kind')
  return { kind: 'accusation', subject, stamp, accuser, wire }
}

/** Whether `signer` has said this. */
export function isSignedBy (signer: NodeId, { wire }: Sealed, keys: Keys): boolean {
  return keys.verify(signer, wire.subarray(SIGNATURE_BYTES), wire.subarray(0, SIGNATURE_BYTES))
}

function openFacts ([incarnation, version, given]: unknown[], wire: Uint8Array, keys: Keys): FactsStatement {
  const { success, data } = factsSchema.safeParse(given)
  if (!success || !isStamp(incarnation, version)) throw refused('no node is such')
  const facts = data as NodeFacts
  const stamp = { incarnation: incarnation as number, version: version as number }
  return { kind: 'facts', subject: handleOf(facts.id, keys), stamp, facts, wire }
}

function seal (body: unknown[], keys: Keys): Uint8Array {
  const signed = encode(body)
  const wire = new Uint8Array(SIGNATURE_BYTES + signed.byteLength)
  wire.set(keys.sign(signed))
  wire.set(signed, SIGNATURE_BYTES)
  return wire
}

function unfit (error: z.ZodError): CloudError {
  const why = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')
  const message = `What this node says of itself would be refused by all others: ${why}. Give it other settings.`
  return new CloudError('EINVAL', message)
}

function tooLarge (sizeBytes: number): CloudError {
  const message = `What this node says of itself takes ${sizeBytes} bytes of ${SIZE_BYTES_MAX}; give it fewer addresses.`
  return new CloudError('EINVAL', message)
}

function refused (why: string): CloudError {
  return new CloudError('EPROTO', `A statement was refused: ${why}.`)
}
