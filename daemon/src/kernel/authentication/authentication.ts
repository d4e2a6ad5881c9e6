import { putBounded, repeat } from '@welkin/async'
import {
  parseBearer, refusalBy, ROLES, Verifier, type Authority, type Grant, type Resource, type Wanted
} from '@welkin/capability'
import {
  cloudOf, CloudError, isCloudError, type Cancel, type Clock, type CloudProcessId, type Disk, type Events, type Gossip,
  type Keys, type Logger, type Members, type MetricRegister, type NodeId, type Random, type Service,
  type Transport, type Zone
} from '@welkin/interface'
import { SYSCALL_PROTOCOL, type ReplyOf } from '@welkin/abi'
import type { Access, Asked, Caller, ObjectRights } from '../../dispatch/index.ts'
import { amongMembers } from './door.ts'
import { Factotum, type Giver } from './factotum.ts'
import {
  chainBefore, grantsOfHosted, grantsOfObjects, HANDED_ON_MS, OBJECTS_MS, ownerByChain, ownerOfChain
} from './handing-on.ts'
import { checkInvited, identityBy, MEMBERSHIP, rootSeed, type Admission, type Identity } from './identity.ts'
import { ADMISSION_PROTOCOL } from './messages.ts'
import { BIND, binderBy, homeBy } from './names.ts'
import { registerMetrics, type AuthenticationMetrics } from './metrics.ts'
import { Reception } from './reception.ts'
import { Revocations } from './revocations.ts'
import { Sessions } from './sessions.ts'
import { Strangers } from './strangers.ts'
import { Tickets } from './tickets.ts'
import { Uses } from './uses.ts'

const SWEEP_PERIOD_MS = 3_600_000
/** Bearers that are remembered. */
const BEARERS_MAX = 256
/** Members that are remembered; keys are free to make, but certificates are not. */
const MEMBERS_MAX = 100_000

/** Whoever asks by something that was granted. */
type Asker = Exclude<Caller, { kind: 'node' | 'stranger' }>

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

export class Authentication implements Access, Members, Service {
  readonly name = 'authentication'
  /** The cloud, by its root's key. */
  readonly root: NodeId
  /** The same, as its names end. */
  readonly cloud: string
  /** By which others know that this node belongs to the cloud. */
  readonly certificate: readonly Uint8Array[]
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
  readonly #reception: Reception
  readonly #strangers: Strangers
  readonly #uses: Uses
  readonly #members = new Map<NodeId, Authority>()
  readonly #cancels: Cancel[] = []
  readonly #bearers = new Map<string, Extract<Caller, { kind: 'principal' }>>()
  /** What the chain gives by which this node asks for its owner. */
  #own: { chain: readonly Uint8Array[], authority: Authority } | undefined
  #objectOf: (id: string) => ObjectRights | undefined = () => undefined

  constructor (
    ports: AuthenticationPorts, settings: AuthenticationSettings, identity: Identity, revocations: Revocations
  ) {
    this.#ports = ports
    this.#settings = settings
    this.#metrics = registerMetrics(ports.metrics)
    this.certificate = identity.certificate
    this.root = identity.root
    this.cloud = cloudOf(settings.zone)
    this.doors = identity.doors
    this.revocations = revocations
    this.factotum = new Factotum(ports, identity.certificate)
    this.tickets = new Tickets(ports)
    this.sessions = new Sessions({ ...ports, principalOf: caller => this.principalOf(caller) })
    this.#strangers = new Strangers(ports.clock)
    this.#uses = new Uses(ports)
    this.verifier = new Verifier({
      keys: ports.keys, wallMs: () => ports.clock.wallMs(), isRoot: id => id === this.root, isRevoked: revocations.has
    })
    this.#reception = new Reception({ ...ports, authentication: this }, settings.zone)
    this.transport = amongMembers(ports.transport, {
      isMember: peer => this.isMember(peer),
      hasMet: peer => this.#reception.hasMet(peer) && this.isMember(peer),
      meet: async (peer, options) => await this.#reception.meet(peer, options),
      isPublic: protocol => protocol === SYSCALL_PROTOCOL || protocol === ADMISSION_PROTOCOL
    })
    ports.gossip.admit(peer => this.isMember(peer))
    this.#cancels.push(...this.#reception.open())
  }

  async start (): Promise<void> {
    this.#cancels.push(repeat(this.#ports.clock, SWEEP_PERIOD_MS, async () => {
      await this.revocations.sweep()
      await this.#uses.sweep()
    }))
  }

  async stop (): Promise<void> {
    for (const cancel of this.#cancels.splice(0)) cancel()
    this.factotum.lock()
  }

  /** Gives what is known of this node's objects, which rely on this themselves and come after it. */
  know (objectOf: (id: string) => ObjectRights | undefined): void {
    this.#objectOf = objectOf
  }

  /** The root, where its secret lies here or it has logged in. */
  async rootHere (): Promise<Giver | undefined> {
    const { session } = this.factotum
    if (session?.key.self === this.root) return session
    const seed = await rootSeed(this.#ports)
    return seed === undefined ? undefined : { key: this.#ports.keys.fromSeed(seed), chain: [] }
  }

  /** The root, where it is here, in place of this node by itself: what it gives outlasts this node's membership. */
  async orRoot (by: Giver): Promise<Giver> {
    return by.key.self === this.#ports.keys.self ? await this.rootHere() ?? by : by
  }

  /** What a member is given, as it has shown. */
  memberAuthority (peer: NodeId): Authority | undefined {
    return this.isMember(peer) ? this.#members.get(peer) : undefined
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
    checkInvited(this.verifier, authority, certificate, zone)
    putBounded(this.#members, node, authority, MEMBERS_MAX)
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
    if (caller.kind === 'node' || caller.kind === 'stranger' || caller.kind === 'object') return about
    const lent = this.#authorityOf(caller).links.filter(({ proxy }) => !proxy)
    const isUser = caller.kind === 'owner' && session !== undefined
    // Nobody has given the root anything. Proxies are made anew as long as there is something to make them of.
    const given = lent.at(-1)?.grants ?? ROLES.admin
    const expiresMs = Math.min(isUser ? session.untilMs : Number.MAX_SAFE_INTEGER, ...lent.map(link => link.expiresMs))
    return {
      ...about, expiresMs, grants: given.map(grant => ({ ...grant }) as never),
      ...isUser ? { user: session.name } : {}
    }
  }

  /** Takes something back, here at once and everywhere soon. Rejects EACCES. */
  async revoke (wire: Uint8Array): Promise<void> {
    this.revocations.check(wire)
    await this.#reception.hear([wire])
  }

  callerOf (peer: NodeId, chain: readonly Uint8Array[]): Caller {
    if (chain.length === 0) {
      return { kind: this.isMember(peer) ? 'node' : 'stranger', id: peer }
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
    putBounded(this.#bearers, text, caller, BEARERS_MAX)
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
    const terms = { audience: keys.self, grants: [{ can: ['*'] }], proxy: true, expiresMs }
    return this.factotum.extend({ key, chain }, terms)
  }

  async check (caller: Caller, { name, row }: Asked, resource?: Resource | 'unknown'): Promise<void> {
    if (caller.kind === 'stranger') return this.#strangers.check(row)
    if (row.capability === 'none') return
    const refusal = this.#refusal(caller, row, resource)
    if (refusal === undefined) return
    this.#tellRefused(caller, name, refusal)
    throw new CloudError('EACCES', `You may not call ${name} here: ${refusal}. "welkin whoami" says what you may do.`, {
      fields: { capability: row.capability }
    })
  }

  async spend (caller: Caller, { name, row }: Asked, resource?: Resource | 'unknown'): Promise<void> {
    const authority = row.capability === 'none' ? undefined : this.#grantedTo(caller)
    if (authority === undefined) return
    const counted = authority.counted(this.#wanted(row.capability, row.filtered ? 'unknown' : resource))
    if (counted.length === 0) return
    try {
      await this.#uses.take(counted, authority.expiresMs)
    } catch (error) {
      if (isCloudError(error, 'EACCES')) this.#tellRefused(caller, name, 'it was used as often as it may be')
      throw error
    }
  }

  checkNotRevoked (caller: Caller): void {
    const isRevoked = caller.kind === 'node' ? !this.isMember(caller.id) : this.#grantedTo(caller)?.isRevoked
    if (isRevoked !== true) return
    throw new CloudError('EACCES', 'What permitted this was revoked; ask for another capability.')
  }

  audit (caller: Caller, { name }: Asked, outcome: string): void {
    if (caller.kind === 'stranger') return // nobody fills the record who is nobody
    const chain = caller.kind === 'principal'
      ? { chain: caller.authority.links.map(({ issuer }) => issuer).join(' ') }
      : {}
    const by = caller.kind === 'object' ? { object: caller.id } : {}
    const principal = this.principalOf(caller)
    this.#ports.events.emit('callAudited', { call: name, outcome, principal, ...chain, ...by })
  }

  maySee (caller: Caller, can: string, resource: Resource): boolean {
    // A node asks for its own callers, and looks again.
    if (caller.kind === 'node') return true
    if (caller.kind === 'stranger') return false
    return this.#refusalTo(caller, this.#wanted(can, resource)) === undefined
  }

  chainTo (node: NodeId, caller: Caller, { row }: Asked): readonly Uint8Array[] {
    if (caller.kind === 'node' || caller.kind === 'stranger') return []
    const chain = this.#chainOf(caller)
    const rights = caller.kind === 'object' ? this.#objectOf(caller.id) : undefined
    if (!row.actsOn && rights === undefined) return chain
    const { keys, clock } = this.#ports
    // Of what its node has for it, an object may do itself no more elsewhere than it may here.
    const grants = rights ? grantsOfObjects(`object:${rights.id}`, rights.can) : [{ can: [row.capability] }]
    return this.factotum.extend({ key: keys, chain }, {
      audience: row.actsOn ? node : keys.self, grants, proxy: true, expiresMs: clock.wallMs() + HANDED_ON_MS
    })
  }

  chainOfObjects (node: NodeId, caller: Caller, cp: CloudProcessId, can: readonly string[]): readonly Uint8Array[] {
    const { session } = this.factotum
    // Of a user who is logged in here by the user's own key, so that it outlasts the session.
    const isUser = caller.kind === 'owner' && session !== undefined
    const by = isUser ? session : { key: this.#ports.keys, chain: this.#chainOf(caller as Asker) }
    return this.#lent(by, grantsOfHosted(cp, can), node)
  }

  #lent (by: Giver, grants: Grant[], audience = this.#ports.keys.self): readonly Uint8Array[] {
    const expiresMs = this.#ports.clock.wallMs() + OBJECTS_MS
    return this.factotum.extend(by, { audience, grants, proxy: true, expiresMs })
  }

  ownerOf (caller: Caller, chain: readonly Uint8Array[]): { owner: string, chain: readonly Uint8Array[] } {
    return ownerOfChain(this.verifier, this.#ports.keys.self, this.principalOf(caller), chain)
  }

  chainHandedOn (node: NodeId, { chain, cp, can }: ObjectRights): readonly Uint8Array[] {
    const by = { key: this.#ports.keys, chain }
    return chainBefore(this.verifier, node, chain) ?? this.#lent(by, grantsOfHosted(cp, can), node)
  }

  ownerBy (chain: readonly Uint8Array[]): string | undefined {
    return ownerByChain(this.verifier, this.#ports.keys.self, chain)
  }

  chainOfNames (caller: Caller): readonly Uint8Array[] {
    if (caller.kind === 'node' || caller.kind === 'stranger') return []
    const { session } = this.factotum
    if (caller.kind !== 'owner' || session === undefined) return this.#chainOf(caller)
    return this.#lent(session, [{ can: [BIND] }])
  }

  binderOf (signer: NodeId, chain: readonly Uint8Array[], name: string): { principal: string, untilMs: number } {
    return binderBy(this.verifier, { signer, chain, name })
  }

  homeOf (chain: readonly Uint8Array[]): string | undefined {
    return chain.length === 0 ? undefined : homeBy(this.verifier.verifyEver(chain).links)
  }

  principalOf (caller: Caller): string {
    if (caller.kind === 'owner') return this.factotum.owner.key.self
    if (caller.kind === 'object') return this.#objectOf(caller.id)?.owner ?? caller.id
    return caller.id
  }

  #refusal (
    caller: Exclude<Caller, { kind: 'stranger' }>, row: Asked['row'], resource: Resource | 'unknown' | undefined
  ): string | undefined {
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
    const grants = grantsOfObjects(`object:${rights.id}`, rights.can)
    return refusalBy(grants, wanted, rights.owner ?? '', this.#ports.clock.wallMs()) ??
      this.verifier.verify(rights.chain).refusal(wanted)
  }

  /** What calls of the caller rest on; undefined for members on their own account, and for what is gone. */
  #grantedTo (caller: Caller): Authority | undefined {
    if (caller.kind === 'node' || caller.kind === 'stranger') return undefined
    if (caller.kind !== 'object') return this.#authorityOf(caller)
    const rights = this.#objectOf(caller.id)
    return rights === undefined ? undefined : this.verifier.verifyEver(rights.chain)
  }

  #tellRefused (caller: Caller, call: string, reason: string): void {
    this.#metrics.refused.add()
    this.#ports.events.emit('callRefused', { call, principal: this.principalOf(caller), reason })
  }

  #authorityOf (caller: Exclude<Asker, { kind: 'object' }>): Authority {
    if (caller.kind === 'principal') return caller.authority
    // The same chain for as long as it lasts: what it gives is not looked for each time, whether it holds is.
    const chain = this.factotum.ownChain()
    if (this.#own?.chain !== chain || !this.#own.authority.holds) {
      this.#own = { chain, authority: this.verifier.verify(chain) }
    }
    return this.#own.authority
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
}
