import { cidOf, sealRevocation } from '@welkin/capability'
import {
  CloudError, isCloudError, isSameBytes, type Cancel, type Clock, type Events, type Keys, type Logger, type NodeId,
  type RequestOptions, type Transport, type Zone
} from '@welkin/interface'
import type { Authentication } from './authentication.ts'
import { needsCard } from './door.ts'
import type { Giver } from './factotum.ts'
import { LEAVE, MEMBERSHIP } from './identity.ts'
import {
  ADMISSION_PROTOCOL, decodeCard, decodeQuestion, decodeWires, encodeCard, encodeQuestion, encodeWires, type Card
} from './messages.ts'

const MEET_TIMEOUT_MS = 5000
/** Who wants another key uses its ticket at once. */
const RENEWAL_MS = 600_000

export interface ReceptionPorts {
  authentication: Authentication
  clock: Clock
  events: Events
  keys: Keys
  log: Logger
  transport: Transport
}

/** Speaks the admission protocol: shows cards and looks at others', redeems tickets, passes on what was revoked. */
export class Reception {
  readonly #ports: ReceptionPorts
  readonly #zone: Zone
  /** Peers with whom cards were shown, since they were connected. */
  readonly #met = new Set<NodeId>()
  readonly #meeting = new Map<NodeId, Promise<void>>()

  constructor (ports: ReceptionPorts, zone: Zone) {
    this.#ports = ports
    this.#zone = zone
  }

  /** Answers whoever comes. */
  open (): Cancel[] {
    const { transport } = this.#ports
    return [
      transport.serve(ADMISSION_PROTOCOL, {
        request: async (payload, { peer }) => await this.#answer(payload, peer),
        channel: async () => { throw new CloudError('EPROTO', 'The admission protocol has no channels.') }
      }),
      transport.watch((peer, state) => this.#onConnection(peer, state))
    ]
  }

  /** Whether cards were shown. */
  hasMet (peer: NodeId): boolean {
    return this.#met.has(peer)
  }

  async #answer (payload: Uint8Array, peer: NodeId): Promise<Uint8Array> {
    const { authentication } = this.#ports
    const question = decodeQuestion(payload)
    if (question.kind === 'present') {
      this.#admitBy(peer, question.card)
      return encodeCard(this.#card())
    }
    if (question.kind === 'redeem') return encodeWires(await this.#redeem(question, peer))
    if (!authentication.isMember(peer)) throw needsCard()
    if (question.kind === 'renew') return encodeWires([await this.#renew(peer)])
    await this.hear(question.known)
    return encodeWires(authentication.revocations.lacking(question.known))
  }

  async #redeem ({ secret, zone: stands }: { secret: Uint8Array, zone: Zone }, peer: NodeId) {
    const { authentication: { factotum, tickets }, events, keys, log } = this.#ports
    const invitation = await tickets.redeem(secret, peer, stands)
    const { chain, grants, memberUntilMs: expiresMs, replaces, zone } = invitation
    const by = chain.length === 0 ? await this.#root() : { key: keys, chain }
    if (replaces.length > 0) await this.#takeBack(replaces, by, expiresMs)
    events.emit('nodeAdmitted', { about: peer, zone: stands })
    log.info('authentication.node_admitted', { node: peer })
    return factotum.certify(peer, by, { zone, grants, expiresMs, nonce: tickets.nonceFor(secret, peer) })
  }

  /** One comes, one goes: whoever has a node's key cannot make two of it. */
  async #takeBack (certificate: readonly Uint8Array[], { key }: Giver, expiresMs: number): Promise<void> {
    const target = cidOf(certificate.at(-1) as Uint8Array, this.#ports.keys)
    await this.hear([sealRevocation({ target, expiresMs, chain: certificate }, key).wire])
  }

  /** A ticket for what the peer has of this node or of the root, once and soon. */
  async #renew (peer: NodeId): Promise<Uint8Array> {
    const { authentication, clock, keys } = this.#ports
    const { links = [] } = authentication.memberAuthority(peer) ?? {}
    const given = links.at(-1)
    const root = await authentication.rootHere()
    if (given === undefined || (given.issuer !== keys.self && given.issuer !== root?.key.self)) {
      throw new CloudError('EACCES', 'This node has not invited you, or gave it away; ask for a ticket where you can.')
    }
    const zone = given.grants.find(({ can }) => can.includes(MEMBERSHIP))?.zone
    const grants = given.grants.filter(({ can }) => !can.includes(MEMBERSHIP) && !can.includes(LEAVE))
    return await authentication.tickets.issue({
      uses: 1, expiresMs: clock.wallMs() + RENEWAL_MS, zone, grants, memberUntilMs: given.expiresMs,
      chain: links.slice(0, -1).map(({ wire }) => wire), replaces: links.map(({ wire }) => wire)
    })
  }

  async #root (): Promise<Giver> {
    const root = await this.#ports.authentication.rootHere()
    if (root !== undefined) return root
    throw new CloudError('EACCES', 'The root key that was to sign for this ticket was put away; make another ticket.')
  }

  /** Shows cards, both ways. Rejects EACCES where the other is no member, EHOSTDOWN and the like. */
  async meet (peer: NodeId, { signal, timeoutMs = MEET_TIMEOUT_MS }: RequestOptions = {}): Promise<void> {
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
    const { authentication } = this.#ports
    authentication.admit(peer, zone, certificate)
    if (!isSameBytes(revoked, authentication.revocations.digest)) void this.#compareRevocations(peer)
  }

  #card (): Card {
    const { certificate, revocations } = this.#ports.authentication
    return { zone: this.#zone, certificate, revoked: revocations.digest }
  }

  #onConnection (peer: NodeId, state: 'connected' | 'disconnected'): void {
    if (state === 'disconnected') {
      this.#met.delete(peer)
      return
    }
    if (this.#met.has(peer)) return
    this.meet(peer).catch((error: unknown) => {
      if (!isCloudError(error)) throw error
      this.#ports.log.debug('authentication.stranger_met', { peer, code: error.code })
    })
  }

  async #compareRevocations (peer: NodeId): Promise<void> {
    try {
      const question = encodeQuestion({ kind: 'revoked', known: this.#ports.authentication.revocations.all() })
      const link = this.#ports.transport.link(peer, ADMISSION_PROTOCOL)
      await this.hear(decodeWires(await link.request(question, { timeoutMs: MEET_TIMEOUT_MS })))
    } catch (error) {
      if (!isCloudError(error)) throw error
      this.#ports.log.debug('authentication.revocations_not_compared', { peer, code: error.code })
    }
  }

  /** What is news is passed on to all members that this node is connected with; resolves before they know. */
  async hear (wires: readonly Uint8Array[]): Promise<void> {
    const { authentication, events, log } = this.#ports
    const news = await authentication.revocations.add(wires)
    if (news.length === 0) return
    for (const { target, issuer } of news) {
      events.emit('accessRevoked', { target, by: issuer })
      log.info('authentication.access_revoked')
    }
    for (const peer of this.#met) if (authentication.isMember(peer)) void this.#compareRevocations(peer)
  }
}
