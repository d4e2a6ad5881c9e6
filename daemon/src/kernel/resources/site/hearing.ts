import {
  CloudError, isCloudError, siteOf, type Clock, type Keys, type Members, type NodeId, type Transport, type Zone
} from '@welkin/interface'
import type { Rings } from '../detection/rings.ts'
import type { ResourcesMetrics } from '../metrics.ts'
import { changeOf } from '../statements/change.ts'
import type { Handle } from '../statements/handle.ts'
import { isLater, type Stamp } from '../statements/stamp.ts'
import {
  isSignedBy, openStatement, type Accusation, type FactsStatement, type Statement, type VitalsStatement
} from '../statements/statement.ts'
import type { Complaints } from './complaints.ts'
import type { News } from './messages.ts'
import { keyOf, type Rumour, type Rumours } from './rumours.ts'
import type { Member, Outcome, SiteTable } from './site-table.ts'

export interface HearingPorts {
  clock: Clock
  keys: Keys
  members?: Members | undefined
  transport: Transport
  metrics: ResourcesMetrics
  complaints: Complaints
  table: SiteTable
  rumours: Rumours
  rings: Rings
}

export interface HearingOptions { site: Zone, self: Handle }

/** What comes of statements that were heard. */
export interface HearingListener {
  /** Something was heard of a member. */
  heard: (outcome: Outcome, member: Member) => void
  /** One of those that watch a member, which may be this node itself, does not get through to it. */
  accused: (member: Member) => void
  /** Somebody holds this node to be silent since this stamp, or knows a later life of it: it is for it to speak. */
  contradicted: (stamp: Stamp) => void
  /** This is worth passing on; `from` has told it. */
  news: (rumour: Rumour, from: NodeId) => void
  /** `from` has told of nodes of which this one knows nothing. */
  lacking: (from: NodeId) => void
  /** `member` is known to somebody who holds it to be up. */
  toldAgain: (member: Member) => void
}

/** Takes what others tell, and believes what is signed by whom it is about and later than what is known. */
export class Hearing {
  readonly #ports: HearingPorts
  readonly #options: HearingOptions
  readonly #listener: HearingListener

  constructor (ports: HearingPorts, options: HearingOptions, listener: HearingListener) {
    this.#ports = ports
    this.#options = options
    this.#listener = listener
  }

  /** What is nonsense is passed over, and whoever told it is named. */
  take (news: readonly News[], from: NodeId): void {
    const { clock, complaints, keys } = this.#ports
    const nowMs = clock.monotonicMs()
    let lacksFacts = false
    for (const { wire, ageMs } of news) {
      try {
        lacksFacts = this.#hear(openStatement(wire, keys), nowMs - ageMs, from) || lacksFacts
      } catch (error) {
        if (!isCloudError(error)) throw error
        // Who tells of a node that is no member any more may not know that yet.
        if (error.code !== 'EACCES') complaints.note(from, error.message)
      }
    }
    if (lacksFacts) this.#listener.lacking(from)
  }

  /** Whether something is missing to understand it. */
  #hear (statement: Statement, statedMs: number, from: NodeId): boolean {
    if (statement.kind === 'accusation') {
      this.#hearAccusation(statement, statedMs, from)
      return false
    }
    const { clock, metrics, rumours, table, transport } = this.#ports
    const { subject } = statement
    if (subject === this.#options.self) {
      this.#hearOfSelf(statement)
      return false
    }
    if (!table.isNews(statement)) {
      rumours.markKnown(keyOf(statement), statement.wire, from)
      metrics.heard.add(1, { outcome: 'stale' })
      const member = table.get(subject)
      if (member !== undefined) this.#listener.toldAgain(member)
      return false
    }
    const signer = statement.kind === 'facts' ? statement.facts.id : table.idOf(subject)
    if (signer === undefined) return !table.isFull
    this.#checkSigned(signer, statement)
    this.#checkMember(signer, statement)
    const nowMs = clock.monotonicMs()
    const before = table.get(subject)?.vitals.vitals
    const outcome = statement.kind === 'facts'
      ? table.hearFacts(this.#inThisSite(statement), nowMs)
      : table.hearVitals(statement, statedMs, nowMs)
    metrics.heard.add(1, { outcome })
    const member = table.get(subject)
    if (member === undefined) return false
    if (statement.kind === 'facts' || outcome === 'joined') transport.learn(member.view.id, member.view.addresses)
    if (outcome === 'stale') return false
    const isUsual = before !== undefined && (outcome === 'refreshed' || outcome === 'damped')
    const urgent = !isUsual || statement.kind === 'facts' || changeOf(before, statement.vitals) === 'urgent'
    for (const told of outcome === 'joined' ? [member.vitals, member.facts] : [statement]) {
      this.#listener.news({ key: keyOf(told), wire: told.wire, statedMs, urgent }, from)
    }
    this.#listener.heard(outcome, member)
    return false
  }

  #hearAccusation (accusation: Accusation, statedMs: number, from: NodeId): void {
    const { clock, complaints, rings, rumours, table } = this.#ports
    const { accuser, last, subject } = accusation
    const member = table.get(subject)
    if (member === undefined || isLater(member.vitals.stamp, last.stamp) || isSame(member, accusation)) {
      rumours.markKnown(keyOf(accusation), accusation.wire, from)
      return
    }
    // Whoever accuses: to deny it does no harm.
    if (subject === this.#options.self) this.contradict(last)
    const by = table.get(accuser)?.view
    // Whoever is held to be down may not know the same nodes, and watch others.
    if (by === undefined || by.state === 'down') return
    this.#checkSigned(by.id, accusation)
    if (!rings.watches(accuser, subject)) {
      complaints.note(by.id, 'it accuses a node that it does not watch')
      return
    }
    if (subject !== this.#options.self) {
      if (table.isNews(last)) this.#hear(last, statedMs, from)
      if (!table.hearAccusation(accusation, clock.monotonicMs())) return
      this.#listener.news({ key: keyOf(accusation), wire: accusation.wire, statedMs, urgent: true }, from)
    }
    this.#listener.accused(member)
  }

  /** Somebody knows nothing later of this node than `last`. Throws EPROTO for what this node has never said. */
  contradict (last: Statement): void {
    if (last.kind === 'accusation' || last.subject !== this.#options.self) {
      throw new CloudError('EPROTO', 'A statement was refused: it is not of the node that it was shown to.')
    }
    this.#checkSigned(this.#ports.keys.self, last)
    this.#listener.contradicted(last.stamp)
  }

  /** An echo, or what another life of this node has said. */
  #hearOfSelf (statement: FactsStatement | VitalsStatement): void {
    if (this.#ports.table.isNews(statement)) this.contradict(statement)
  }

  #checkSigned (signer: NodeId, statement: Statement): void {
    if (isSignedBy(signer, statement, this.#ports.keys)) return
    throw new CloudError('EPROTO', 'A statement was refused: its signature is not that of whoever it says.')
  }

  /** A node says in its facts by what it belongs to the cloud. */
  #checkMember (signer: NodeId, statement: FactsStatement | VitalsStatement): void {
    const { members } = this.#ports
    if (members === undefined) return
    if (statement.kind === 'facts') {
      members.admit(signer, statement.facts.zone, statement.facts.certificate ?? [])
    } else if (!members.isMember(signer)) {
      throw new CloudError('EACCES', 'A statement was refused: its node is no member of this cloud, or no more.')
    }
  }

  #inThisSite (statement: FactsStatement): FactsStatement {
    if (siteOf(statement.facts.zone) === this.#options.site) return statement
    throw new CloudError('EPROTO', 'A statement was refused: its node stands in another site.')
  }
}

/** Whether the member was accused by the same node as of the same, or of something later. */
function isSame ({ accusations }: Member, { accuser, stamp }: Accusation): boolean {
  const known = accusations.get(accuser)
  return known !== undefined && !isLater(stamp, known.stamp)
}
