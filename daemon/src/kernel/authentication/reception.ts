import {
  CloudError, isCloudError, type Cancel, type Events, type Keys, type Logger, type NodeId, type RequestOptions,
  type Transport, type Zone
} from '@welkin/interface'
import type { Authentication } from './authentication.ts'
import { needsCard } from './door.ts'
import type { Giver } from './factotum.ts'
import {
  ADMISSION_PROTOCOL, decodeCard, decodeQuestion, decodeWires, encodeCard, encodeQuestion, encodeWires, type Card
} from './messages.ts'

const MEET_TIMEOUT_MS = 5000

export interface ReceptionPorts {
  authentication: Authentication
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
    const { authentication, events, keys, log } = this.#ports
    const { factotum, tickets } = authentication
    const question = decodeQuestion(payload)
    if (question.kind === 'present') {
      this.#admitBy(peer, question.card)
      return encodeCard(this.#card())
    }
    if (question.kind === 'redeem') {
      const { secret, zone: stands } = question
      const { chain, grants, memberUntilMs: expiresMs, zone } = await tickets.redeem(secret, peer, stands)
      const by = chain.length === 0 ? await this.#root() : { key: keys, chain }
      events.emit('nodeAdmitted', { about: peer, zone: stands })
      log.info('authentication.node_admitted', { node: peer })
      const certified = { zone, grants, expiresMs, nonce: tickets.nonceFor(secret, peer) }
      return encodeWires(factotum.certify(peer, by, certified))
    }
    if (!authentication.isMember(peer)) throw needsCard()
    await this.hear(question.known)
    return encodeWires(authentication.revocations.lacking(question.known))
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
    if (!isSame(revoked, authentication.revocations.digest)) void this.#compareRevocations(peer)
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

  /** What is news is passed on to all members that this node is connected with. */
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

function isSame (a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && a.every((byte, at) => byte === b[at])
}
