import { repeat } from '@welkin/async'
import { parseBearer, refusalBy, ROLES, Verifier, type Authority, type Resource, type Wanted } from '@welkin/capability'
import {
  CloudError, isCloudError, type Cancel, type Clock, type CloudProcessId, type Disk, type Events, type Gossip,
  type Keys, type Logger, type Members, type MetricRegister, type NodeId, type Random, type RequestOptions,
  type Service, type Transport, type Zone
} from '@welkin/interface'
import { SYSCALL_PROTOCOL, type ReplyOf } from '@welkin/abi'
import type { Access, Asked, Caller, ObjectRights } from '../../dispatch/index.ts'
import { amongMembers, needsCard } from './door.ts'
import { Factotum } from './factotum.ts'
import { digestOfTicket, foundCloud, keptIdentity, MEMBERSHIP, redeemTicket, type Identity } from './identity.ts'
import {
  ADMISSION_PROTOCOL, decodeCard, decodeQuestion, decodeWires, encodeCard, encodeQuestion, encodeWires, type Card
} from './messages.ts'
import { registerMetrics, type AuthenticationMetrics } from './metrics.ts'
import { Revocations } from './revocations.ts'
import { Sessions } from './sessions.ts'
import { Tickets } from './tickets.ts'

const MEET_TIMEOUT_MS = 5000
const SWEEP_PERIOD_MS = 3_600_000
/** What a node may do for somebody with what another has handed on to it for one call. */
const HANDED_ON_MS = 600_000
/** Objects may act for their owner for so long; what is revoked ends sooner. */
const OBJECTS_MS = 30 * 24 * 3_600_000
/** Bearers that are remembered. */
const BEARERS_MAX = 256
/** Members that are remembered; keys are free to make, but certificates are not. */
const MEMBERS_MAX = 100_000

/** Whoever asks for more than the node that passes it on. */
type Asker = Exclude<Caller, { kind: 'node' }>

/** How a node comes to belong to a cloud. */
export type Admission =
  /** By what it has kept, or else by making a cloud of its own. */
  | { by: 'founding' }
  /** By what it has kept, or not at all. */
  | { by: 'record' }
  | { by: 'ticket', ticket: string }
  /** By what it is given. */
  | { by: 'certificate', certificate: readonly Uint8Array[], root: NodeId }

export interface AuthenticationPorts {
  clock: Clock
  disk: Disk
  events: Events
  gossip: Gossip
  keys: Keys
  log: Logger
  metrics: MetricRegister
  random: Random
  transport: Transport
}

export interface AuthenticationSettings { zone: Zone, price: number | undefined, admission: Admission }

/**
 * Finds out to what cloud this node belongs, and guards it from then on. Rejects EINVAL (the ticket), EACCES (the
 * ticket, or none where it belongs to no cloud), EEXIST (a ticket where it does), EHOSTDOWN, EHOSTUNREACH, ESTALE, EIO.
 */
export async function createAuthentication (
  ports: AuthenticationPorts, settings: AuthenticationSettings
): Promise<Authentication> {
  const identity = await identityBy(ports, settings)
  const revocations = new Revocations({ ...ports, root: identity.root })
  await revocations.load()
  return new Authentication(ports, settings, identity, revocations)
}

async function identityBy (ports: AuthenticationPorts, { admission, zone }: AuthenticationSettings): Promise<Identity> {
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

export class Authentication implements Access, Members, Service {
  readonly name = 'authentication'
  /** The cloud, by its root's key. */
  readonly root: NodeId
  /** Where the node is reached that has invited this one. */
  readonly doors: readonly string[]
  readonly factotum: Factotum
  readonly revocations: Revocations
  readonly tickets: Tickets
  readonly sessions: Sessions
  /** Among members. */
  readonly transport: Transport
  readonly verifier: Verifier
  readonly #ports: AuthenticationPorts
  readonly #settings: AuthenticationSettings
  readonly #metrics: AuthenticationMetrics
  readonly #members = new Map<NodeId, Authority>()
  /** Peers with whom cards were shown, since they were connected. */
  readonly #met = new Set<NodeId>()
  readonly #meeting = new Map<NodeId, Promise<void>>()
  readonly #cancels: Cancel[] = []
  readonly #bearers = new Map<string, Extract<Caller, { kind: 'principal' }>>()
  #certificate: readonly Uint8Array[]
  #objectOf: (id: string) => ObjectRights | undefined = () => undefined

  constructor (
    ports: AuthenticationPorts, settings: AuthenticationSettings, identity: Identity, revocations: Revocations
  ) {
    this.#ports = ports
    this.#settings = settings
    this.#metrics = registerMetrics(ports.metrics)
    this.#certificate = identity.certificate
    this.root = identity.root
    this.doors = identity.doors
    this.revocations = revocations
    this.factotum = new Factotum(ports, identity.certificate)
    this.tickets = new Tickets(ports)
    this.sessions = new Sessions({ ...ports, principalOf: caller => this.principalOf(caller) })
    this.verifier = new Verifier({
      keys: ports.keys, wallMs: () => ports.clock.wallMs(), isRoot: id => id === this.root, isRevoked: revocations.has
    })
    this.transport = amongMembers(ports.transport, {
      isMember: peer => this.isMember(peer),
      hasMet: peer => this.#met.has(peer) && this.isMember(peer),
      meet: async (peer, options) => await this.#meet(peer, options),
      isPublic: protocol => protocol === SYSCALL_PROTOCOL || protocol === ADMISSION_PROTOCOL
    })
    ports.gossip.admit(peer => this.isMember(peer))
    this.#cancels.push(
      ports.transport.serve(ADMISSION_PROTOCOL, {
        request: async (payload, { peer }) => await this.#answer(payload, peer),
        channel: async () => { throw new CloudError('EPROTO', 'The admission protocol has no channels.') }
      }),
      ports.transport.watch((peer, state) => this.#onConnection(peer, state)))
  }

  async start (): Promise<void> {
    this.#cancels.push(repeat(this.#ports.clock, SWEEP_PERIOD_MS, () => this.revocations.sweep()))
  }

  async stop (): Promise<void> {
    for (const cancel of this.#cancels.splice(0)) cancel()
    this.factotum.lock()
  }

  /** Gives what is known of this node's objects, which rely on this themselves and come after it. */
  know (objectOf: (id: string) => ObjectRights | undefined): void {
    this.#objectOf = objectOf
  }

  /** By which others know that this node belongs to the cloud. */
  get certificate (): readonly Uint8Array[] {
    return this.#certificate
  }

  isMember (peer: NodeId): boolean {
    return peer === this.#ports.keys.self || this.#members.get(peer)?.holds === true
  }

  /** Takes a node for a member by its certificate. Throws EACCES and EPROTO where it is none. */
  admit (node: NodeId, zone: Zone, certificate: readonly Uint8Array[]): void {
    const authority = this.verifier.verify(certificate)
    if (authority.holder !== node) throw new CloudError('EACCES', 'This certificate is another node\'s.')
    const refusal = authority.refusal({ can: MEMBERSHIP, node, zone })
    if (refusal !== undefined) throw new CloudError('EACCES', `This node is no member: ${refusal}.`)
    if (this.#members.size >= MEMBERS_MAX) this.#members.delete(this.#members.keys().next().value as NodeId)
    this.#members.set(node, authority)
  }

  isRevoked (node: NodeId): boolean {
    return this.revocations.has(node) || this.#members.get(node)?.holds === false
  }

  /** As whom the caller is known, in more words. */
  describe (caller: Caller): {
    cloud: string, key: string, user?: string, grants?: ReplyOf<'whoami'>['grants'], expiresMs?: number
  } {
    const { session } = this.factotum
    const about = { cloud: this.root, key: this.principalOf(caller) }
    if (caller.kind === 'node' || caller.kind === 'object') return about
    const { links, expiresMs } = this.#authorityOf(caller)
    // Nobody has given the root anything.
    const given = links.findLast(({ proxy }) => !proxy)?.grants ?? ROLES.admin
    return {
      ...about, expiresMs, grants: given.map(grant => ({ ...grant }) as never),
      ...caller.kind === 'owner' && session !== undefined ? { user: session.name } : {}
    }
  }

  /** Takes something back, here at once and everywhere soon. Rejects EACCES. */
  async revoke (wire: Uint8Array): Promise<void> {
    await this.#hearRevocations([wire])
  }

  callerOf (peer: NodeId, chain: readonly Uint8Array[]): Caller {
    if (chain.length === 0) {
      if (!this.isMember(peer)) throw needsCard()
      return { kind: 'node', id: peer }
    }
    const authority = this.verifier.verify(chain)
    if (authority.holder === peer) return { kind: 'principal', id: authority.principal, authority, actsOn: false }
    const last = authority.links.at(-1)
    if (authority.holder === this.#ports.keys.self && last?.issuer === peer) {
      return { kind: 'principal', id: authority.principal, authority, actsOn: true }
    }
    throw new CloudError('EACCES', 'This capability belongs to somebody else than who shows it.')
  }

  /** Who has this text of a capability. Throws EINVAL, EACCES, EPROTO. */
  callerByBearer (text: string): Caller {
    const known = this.#bearers.get(text)
    if (known?.authority.holds === true) return known
    const authority = this.verifier.verify(this.#chainOfBearer(text))
    const caller = { kind: 'principal', id: authority.principal, authority, actsOn: true } as const
    if (this.#bearers.size >= BEARERS_MAX) this.#bearers.delete(this.#bearers.keys().next().value as string)
    this.#bearers.set(text, caller)
    return caller
  }

  /** The key that stands in the text lets this node act for it, for a while. */
  #chainOfBearer (text: string): readonly Uint8Array[] {
    const { keys, clock } = this.#ports
    const { seed, chain } = parseBearer(text, keys)
    const key = keys.fromSeed(seed)
    if (this.verifier.verify(chain).holder !== key.self) {
      throw new CloudError('EACCES', 'This capability was put together from two.')
    }
    const expiresMs = clock.wallMs() + HANDED_ON_MS
    return this.factotum.extend({ key, chain }, { audience: keys.self, grants: [{ can: ['*'] }], proxy: true, expiresMs })
  }

  async check (caller: Caller, { name, row }: Asked, resource?: Resource | 'unknown'): Promise<void> {
    if (row.capability === 'none') return
    const refusal = this.#refusal(caller, row, resource)
    if (refusal === undefined) return
    this.#metrics.refused.add()
    this.#ports.events.emit('callRefused', { call: name, principal: this.principalOf(caller) ?? '', reason: refusal })
    throw new CloudError('EACCES', `You may not call ${name} here: ${refusal}. "welkin whoami" says what you may do.`, {
      fields: { capability: row.capability }
    })
  }

  audit (caller: Caller, { name }: Asked, outcome: string): void {
    const chain = caller.kind === 'principal' ? caller.authority.links.map(({ issuer }) => issuer).join(' ') : ''
    const by = caller.kind === 'object' ? { object: caller.id } : {}
    this.#ports.events.emit('callAudited', { call: name, outcome, principal: this.principalOf(caller), chain, ...by })
  }

  maySee (caller: Caller, can: string, resource: Resource): boolean {
    // A node asks for its own callers, and looks again.
    if (caller.kind === 'node') return true
    return this.#refusalTo(caller, this.#wanted(can, resource)) === undefined
  }

  chainTo (node: NodeId, caller: Caller, { row }: Asked): readonly Uint8Array[] {
    if (caller.kind === 'node') return []
    const chain = this.#chainOf(caller)
    if (!row.actsOn) return chain
    const { keys, clock } = this.#ports
    return this.factotum.extend({ key: keys, chain }, {
      audience: node, grants: [{ can: [row.capability] }], proxy: true, expiresMs: clock.wallMs() + HANDED_ON_MS
    })
  }

  chainOfObjects (
    node: NodeId, caller: Caller, cp: CloudProcessId, can: readonly string[]
  ): readonly Uint8Array[] {
    const { keys, clock } = this.#ports
    const { session } = this.factotum
    // Of a user who is logged in here by the user's own key, so that it outlasts the session.
    const isUser = caller.kind === 'owner' && session !== undefined
    const by = isUser ? session : { key: keys, chain: this.#chainOf(caller as Asker) }
    const grants = [{ can: ['processes.*'], on: [`cp:${cp}`] }, ...can.length === 0 ? [] : [{ can }]]
    return this.factotum.extend(by, { audience: node, grants, proxy: true, expiresMs: clock.wallMs() + OBJECTS_MS })
  }

  principalOf (caller: Caller): string {
    if (caller.kind === 'owner') return this.factotum.owner.key.self
    if (caller.kind === 'object') return this.#objectOf(caller.id)?.owner ?? caller.id
    return caller.id
  }

  #refusal (caller: Caller, row: Asked['row'], resource: Resource | 'unknown' | undefined): string | undefined {
    if (caller.kind === 'node') return row.peers ? undefined : 'a node may ask this for somebody only, and shows nobody'
    // What is filtered on its way back is looked at thing by thing.
    const about = row.filtered ? 'unknown' : resource
    return this.#refusalTo(caller, this.#wanted(row.capability, about))
  }

  #refusalTo (caller: Asker, wanted: Wanted): string | undefined {
    if (caller.kind !== 'object') {
      const authority = this.#authorityOf(caller)
      return authority.holds ? authority.refusal(wanted) : 'it has expired or was revoked'
    }
    const rights = this.#objectOf(caller.id)
    if (rights === undefined) return 'its object is gone'
    const self = [{ can: ['processes.*'], on: [`object:${rights.id}`] }]
    const own = rights.can.length === 0 ? self : [...self, { can: rights.can }]
    return refusalBy(own, wanted, rights.owner ?? '', this.#ports.clock.wallMs()) ??
      this.verifier.verify(rights.chain).refusal(wanted)
  }

  #authorityOf (caller: Exclude<Asker, { kind: 'object' }>): Authority {
    return caller.kind === 'principal' ? caller.authority : this.verifier.verify(this.factotum.ownChain())
  }

  #chainOf (caller: Asker): readonly Uint8Array[] {
    if (caller.kind === 'owner') return this.factotum.ownChain()
    if (caller.kind === 'object') return this.#objectOf(caller.id)?.chain ?? []
    if (caller.actsOn) return caller.authority.links.map(({ wire }) => wire)
    throw new CloudError('EACCES', 'This node was asked for itself alone, and cannot ask others for whoever asked.')
  }

  #wanted (can: string, resource: Resource | 'unknown' | undefined): Wanted {
    const { zone, price } = this.#settings
    return { can, resource, node: this.#ports.keys.self, zone, price }
  }

  async #answer (payload: Uint8Array, peer: NodeId): Promise<Uint8Array> {
    const question = decodeQuestion(payload)
    if (question.kind === 'present') {
      this.#admitBy(peer, question.card)
      return encodeCard(this.#card())
    }
    if (question.kind === 'redeem') {
      const { chain, grants, memberUntilMs: expiresMs, zone } = await this.tickets.redeem(
        question.secret, peer, question.zone)
      this.#ports.events.emit('nodeAdmitted', { about: peer, zone: question.zone })
      this.#ports.log.info('authentication.node_admitted', { node: peer })
      return encodeWires(this.factotum.certify(peer, { key: this.#ports.keys, chain }, { zone, grants, expiresMs }))
    }
    if (!this.isMember(peer)) throw needsCard()
    await this.#hearRevocations(question.known)
    return encodeWires(this.revocations.lacking(question.known))
  }

  async #meet (peer: NodeId, { signal, timeoutMs = MEET_TIMEOUT_MS }: RequestOptions = {}): Promise<void> {
    const meeting = this.#meeting.get(peer) ?? this.#show(peer, { signal, timeoutMs })
    this.#meeting.set(peer, meeting)
    try {
      await meeting
    } finally {
      this.#meeting.delete(peer)
    }
  }

  async #show (peer: NodeId, patience: RequestOptions): Promise<void> {
    const link = this.#ports.transport.link(peer, ADMISSION_PROTOCOL)
    const reply = await link.request(encodeQuestion({ kind: 'present', card: this.#card() }), patience)
    this.#admitBy(peer, decodeCard(reply))
    this.#met.add(peer)
  }

  /** Whoever knows of other revocations is asked for them. */
  #admitBy (peer: NodeId, { zone, certificate, revoked }: Card): void {
    this.admit(peer, zone, certificate)
    if (!isSame(revoked, this.revocations.digest)) void this.#compareRevocations(peer)
  }

  #card (): Card {
    return { zone: this.#settings.zone, certificate: this.#certificate, revoked: this.revocations.digest }
  }

  #onConnection (peer: NodeId, state: 'connected' | 'disconnected'): void {
    if (state === 'disconnected') {
      this.#met.delete(peer)
      return
    }
    if (this.#met.has(peer)) return
    this.#meet(peer).catch((error: unknown) => {
      if (!isCloudError(error)) throw error
      this.#ports.log.debug('authentication.stranger_met', { peer, code: error.code })
    })
  }

  async #compareRevocations (peer: NodeId): Promise<void> {
    try {
      const question = encodeQuestion({ kind: 'revoked', known: this.revocations.all() })
      const link = this.#ports.transport.link(peer, ADMISSION_PROTOCOL)
      await this.#hearRevocations(decodeWires(await link.request(question, { timeoutMs: MEET_TIMEOUT_MS })))
    } catch (error) {
      if (!isCloudError(error)) throw error
      this.#ports.log.debug('authentication.revocations_not_compared', { peer, code: error.code })
    }
  }

  /** What is news is passed on to all members that this node is connected with. */
  async #hearRevocations (wires: readonly Uint8Array[]): Promise<void> {
    const news = await this.revocations.add(wires)
    if (news.length === 0) return
    for (const { target, issuer } of news) {
      this.#ports.events.emit('accessRevoked', { target, by: issuer })
      this.#ports.log.info('authentication.access_revoked')
    }
    for (const peer of this.#met) if (this.isMember(peer)) void this.#compareRevocations(peer)
  }
}

function isSame (a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && a.every((byte, at) => byte === b[at])
}
