import { capabilityChain, decode, isSealedBy, nodeRecord, seal, SIGNATURE_BYTES } from '@welkin/abi'
import { CloudError, type Keys, type NodeId, type NodeRecord } from '@welkin/interface'
import type { z } from 'zod'
import { handleOf, isHandle, type Handle } from './handle.ts'
import { Opened } from './shared.ts'
import { isStamp, type Stamp } from './stamp.ts'
import { packVitals, rounded, unpackVitals, type Vitals } from './vitals.ts'

/** Of one statement, signature and all. */
const SIZE_BYTES_MAX = 16 * 1024

/** Kinds on the wire; they also keep these signatures from being taken for any other of the node's. */
const FACTS = 'wkf1'
const VITALS = 'wkv1'
const ACCUSATION = 'wka1'

const factsSchema = nodeRecord.pick({
  id: true, name: true, zone: true, addresses: true, version: true, machine: true, drivers: true
})
  .extend({ certificate: capabilityChain.optional().describe('By which it belongs to the cloud') })
  .strip() // what nodes of later versions tell beside this is not for this one

/** What a node says of itself when it starts, and when it changes. */
export type NodeFacts = Pick<
  NodeRecord, 'id' | 'name' | 'zone' | 'addresses' | 'version' | 'machine' | 'drivers'
> & { certificate?: readonly Uint8Array[] }

/** As it stands on the wire, to be passed on as it came: the signature, then what is signed. */
interface Sealed { readonly wire: Uint8Array }

export interface FactsStatement extends Sealed { kind: 'facts', subject: Handle, stamp: Stamp, facts: NodeFacts }
export interface VitalsStatement extends Sealed { kind: 'vitals', subject: Handle, stamp: Stamp, vitals: Vitals }
/**
 * `accuser` does not get through to `subject`, which has said `last` and, as far as the accuser knows, nothing since:
 * shown whole, so that nobody can claim what was never said, and whoever has not heard it yet knows it now.
 */
export interface Accusation extends Sealed {
  kind: 'accusation', subject: Handle, stamp: Stamp, accuser: Handle, last: VitalsStatement
}

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
  const wire = seal([VITALS, subject, stamp.incarnation, stamp.version, ...packVitals(vitals)], keys)
  return { kind: 'vitals', subject, stamp, vitals: rounded(vitals), wire }
}

export function sealAccusation (last: VitalsStatement, accuser: Handle, keys: Keys): Accusation {
  const { subject, stamp } = last
  return { kind: 'accusation', subject, stamp, accuser, last, wire: seal([ACCUSATION, accuser, last.wire], keys) }
}

const opened = new Opened<Statement>()

/**
 * What stands in a message, its signature not yet checked. `wire` may be a part of the message: what is kept does not
 * keep it. Throws EPROTO for what is not well formed.
 */
export function openStatement (wire: Uint8Array, keys: Keys): Statement {
  const { byteLength } = wire
  if (byteLength <= SIGNATURE_BYTES || byteLength > SIZE_BYTES_MAX) throw refused(`it has ${byteLength} bytes`)
  return opened.get(wire) ?? opened.add(openWire(new Uint8Array(wire), keys))
}

function openWire (wire: Uint8Array, keys: Keys): Statement {
  const body = decode(wire.subarray(SIGNATURE_BYTES))
  if (!Array.isArray(body)) throw refused('it is no list')
  const [kind, ...rest] = body as unknown[]
  if (kind === FACTS) return openFacts(rest, wire, keys)
  if (kind === VITALS) return openVitals(rest, wire)
  if (kind === ACCUSATION) return openAccusation(rest, wire, keys)
  throw refused('it is of an unknown kind')
}

/** Whether `signer` has said this. */
export function isSignedBy (signer: NodeId, { wire }: Sealed, keys: Keys): boolean {
  return isSealedBy(signer, wire, keys)
}

function openFacts ([incarnation, version, given]: unknown[], wire: Uint8Array, keys: Keys): FactsStatement {
  const { success, data } = factsSchema.safeParse(given)
  if (!success || !isStamp(incarnation, version)) throw refused('no node is such')
  const facts = data as NodeFacts
  const stamp = { incarnation: incarnation as number, version: version as number }
  return { kind: 'facts', subject: handleOf(facts.id, keys), stamp, facts, wire }
}

function openVitals ([subject, incarnation, version, ...packed]: unknown[], wire: Uint8Array): VitalsStatement {
  if (!isHandle(subject) || !isStamp(incarnation, version)) throw refused('it does not say of whom it is')
  const stamp = { incarnation: incarnation as number, version: version as number }
  const vitals = unpackVitals(packed)
  if (vitals === undefined) throw refused('no node has such vitals')
  return { kind: 'vitals', subject, stamp, vitals, wire }
}

function openAccusation ([accuser, shown]: unknown[], wire: Uint8Array, keys: Keys): Accusation {
  if (!isHandle(accuser) || !(shown instanceof Uint8Array)) throw refused('it shows nothing, or nobody accuses')
  const last = openStatement(shown, keys)
  if (last.kind !== 'vitals') throw refused('it does not show what its subject said last')
  const { subject, stamp } = last
  return { kind: 'accusation', subject, stamp, accuser, last, wire }
}

function unfit (error: z.ZodError): CloudError {
  const why = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')
  const message = `What this node says of itself would be refused by all others: ${why}. Give it other settings.`
  return new CloudError('EINVAL', message)
}

function tooLarge (sizeBytes: number): CloudError {
  const message = `What this node says of itself takes ${sizeBytes} bytes of ${SIZE_BYTES_MAX}`
  return new CloudError('EINVAL', `${message}; give it fewer addresses.`)
}

function refused (why: string): CloudError {
  return new CloudError('EPROTO', `A statement was refused: ${why}.`)
}
