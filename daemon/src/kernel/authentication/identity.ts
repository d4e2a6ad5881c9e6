import { decode, encode } from '@welkin/abi'
import {
  openDelegation, cidOf, formatTicket, parseTicket, ROLES, sealDelegation, type Authority, type Grant, type Verifier
} from '@welkin/capability'
import {
  CloudError, isCloudError, toHex, type Clock, type Disk, type Keys, type NodeId, type Random, type Transport, type Zone
} from '@welkin/interface'
import { ADMISSION_PROTOCOL, decodeWires, encodeQuestion, type Question } from './messages.ts'

const IDENTITY_KEY = 'authentication/identity'
const ROOT_KEY = 'authentication/root'
const YEAR_MS = 365 * 24 * 3_600_000
export const MEMBER_MS = 10 * YEAR_MS
/** What makes a node a member; the condition `zone` says where it may stand. */
export const MEMBERSHIP = 'node.member'
/** What the owner of a node may do at it, by its certificate. */
export const LEAVE = 'node.leave'
const REDEEM_TIMEOUT_MS = 10_000

export interface IdentityPorts {
  clock: Clock
  disk: Disk
  keys: Keys
  random: Random
  transport: Transport
}

/** To what cloud a node belongs, and by what. */
export interface Identity {
  /** The cloud, by its root's key. */
  root: NodeId
  /** Ends at this node. */
  certificate: readonly Uint8Array[]
  /** Where the node is reached that has invited this one. */
  doors: readonly string[]
  /** Stands for the ticket by which it came; empty: it came by none. */
  ticket: string
}

/** How a node comes to belong to a cloud. */
export type Admission =
  /** By what it has kept, or else by making a cloud of its own. */
  | { by: 'founding' }
  /** By what it has kept, or not at all. */
  | { by: 'record' }
  | { by: 'ticket', ticket: string }
  /** By what it is given. */
  | { by: 'certificate', certificate: readonly Uint8Array[], root: NodeId }

/** To what cloud this node belongs. Rejects as `createAuthentication`. */
export async function identityBy (
  ports: IdentityPorts, { admission, zone }: { admission: Admission, zone: Zone }
): Promise<Identity> {
  if (admission.by === 'certificate') return { ...admission, doors: [], ticket: '' }
  const kept = await keptIdentity(ports)
  if (admission.by === 'ticket') {
    if (kept === undefined) return await redeemTicket(ports, admission.ticket, zone)
    if (kept.ticket === digestOfTicket(admission.ticket, ports.keys)) return kept
    throw new CloudError('EEXIST', 'This node belongs to a cloud already; take it out by "welkin leave", or start ' +
      'another over another data directory.')
  }
  if (kept !== undefined) return kept
  if (admission.by === 'founding') return await foundCloud(ports)
  throw new CloudError('EACCES', 'This node belongs to no cloud yet: "welkin invite" on a node of it makes a ticket, ' +
    'and "welkin join TICKET" takes it.')
}

/** What earlier lives have kept, or undefined. Rejects ESTALE for what is another node's. */
async function keptIdentity ({ disk, keys }: IdentityPorts): Promise<Identity | undefined> {
  const kept = await disk.records.get(IDENTITY_KEY)
  if (kept === undefined) return undefined
  const [certificate, doors, ticket] = decode(kept) as [Uint8Array[], string[], string]
  const identity = identityOf({ certificate: certificate.map(link => new Uint8Array(link)), doors, ticket }, keys)
  if (openDelegation(identity.certificate.at(-1) as Uint8Array, '').audience === keys.self) return identity
  throw new CloudError('ESTALE', 'The certificate in this data directory is another node\'s; restore its own key.')
}

async function keepIdentity ({ disk }: IdentityPorts, { certificate, doors, ticket }: Identity): Promise<void> {
  await disk.records.write([{ key: IDENTITY_KEY, value: encode([certificate, doors, ticket]) }])
}

/** Makes a cloud, whose root key stays on this node until it is put away. */
async function foundCloud (ports: IdentityPorts): Promise<Identity> {
  const { clock, disk, keys, random } = ports
  const seed = random.bytes(32)
  const root = keys.fromSeed(seed)
  const grants: Grant[] = [...ROLES.admin]
  const expiresMs = clock.wallMs() + MEMBER_MS
  const certificate = [sealDelegation(
    { audience: keys.self, grants, expiresMs }, { signer: root, parent: undefined, nonce: random.bytes(8) }, keys)]
  await disk.records.write([{ key: ROOT_KEY, value: seed }])
  const identity = { root: root.self, certificate, doors: [], ticket: '' }
  await keepIdentity(ports, identity)
  return identity
}

/** Belongs to no cloud any more, from the next start on; a root key that lies here stays. */
export async function forgetIdentity ({ disk }: Pick<IdentityPorts, 'disk'>): Promise<void> {
  await disk.records.write([{ key: IDENTITY_KEY, value: undefined }])
}

/** The root's secret where it lies on this node, unlocked. */
export async function rootSeed ({ disk }: Pick<IdentityPorts, 'disk'>): Promise<Uint8Array | undefined> {
  return await disk.records.get(ROOT_KEY)
}

export async function forgetRootSeed ({ disk }: Pick<IdentityPorts, 'disk'>): Promise<void> {
  await disk.records.write([{ key: ROOT_KEY, value: undefined }])
}

/** Becomes a member by a ticket. Rejects EINVAL, EACCES (used up, expired, other zone), EHOSTDOWN, EHOSTUNREACH. */
async function redeemTicket (ports: IdentityPorts, text: string, zone: Zone): Promise<Identity> {
  const { keys, transport } = ports
  const { addresses, secret } = parseTicket(text, keys)
  const certificate = await askAny(transport, addresses, { kind: 'redeem', secret, zone })
  const identity = identityOf({ certificate, doors: addresses, ticket: digestOfTicket(text, keys) }, keys)
  await keepIdentity(ports, identity)
  return identity
}

/**
 * A ticket for the same rights under another key, from whoever has invited this node. Rejects EPERM where nobody has,
 * else as `redeemTicket`.
 */
export async function renewTicket (
  { keys, transport }: Pick<IdentityPorts, 'keys' | 'transport'>, doors: readonly string[]
): Promise<string> {
  if (doors.length === 0) {
    throw new CloudError('EPERM', 'Nobody has invited this node: it has made the cloud. Make a ticket on another ' +
      'node by "welkin invite --role admin", let this one leave, and join by that over another data directory.')
  }
  const [secret] = await askAny(transport, doors, { kind: 'renew' })
  if (secret !== undefined) return formatTicket({ secret, addresses: doors }, keys)
  throw new CloudError('EPROTO', 'The node that has invited this one sent no ticket; run the same version everywhere.')
}

/** What is kept of a ticket, to know it again. */
function digestOfTicket (text: string, keys: Keys): string {
  return toHex(keys.digest().update(new TextEncoder().encode(text.trim())).done())
}

async function askAny (
  transport: Transport, addresses: readonly string[], question: Question
): Promise<readonly Uint8Array[]> {
  const link = transport.link(await dialAny(transport, addresses), ADMISSION_PROTOCOL)
  return decodeWires(await link.request(encodeQuestion(question), { timeoutMs: REDEEM_TIMEOUT_MS }))
}

/** The addresses name the inviter's key, so whoever answers is the inviter. */
async function dialAny (transport: Transport, addresses: readonly string[]): Promise<NodeId> {
  let failure: unknown
  for (const address of addresses) {
    try {
      return await transport.dial(address)
    } catch (error) {
      if (!isCloudError(error)) throw error
      failure = error
    }
  }
  throw new CloudError('EHOSTUNREACH',
    'The node that made this ticket does not answer; start it, or ask another node for a ticket.', { cause: failure })
}

function identityOf (known: Omit<Identity, 'root'>, keys: Keys): Identity {
  const [first] = known.certificate
  if (first === undefined) throw new CloudError('EPROTO', 'A certificate is empty.')
  return { root: openDelegation(first, cidOf(first, keys)).issuer, ...known }
}

/** Whoever is a member hands on membership only where it may invite. Throws EACCES. */
export function checkInvited (
  verifier: Verifier, { links }: Authority, certificate: readonly Uint8Array[], zone: Zone
): void {
  const above = certificate.slice(0, -1)
  if (above.length === 0) return
  const node = links.at(-1)?.issuer as NodeId
  const refusal = verifier.verify(above).refusal({ can: 'access.invite', node, zone })
  if (refusal === undefined) return
  throw new CloudError('EACCES', `This node is no member: of who has invited it, ${refusal}.`)
}
