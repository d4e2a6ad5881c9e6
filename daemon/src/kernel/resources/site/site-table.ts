import type { NodeId, NodeView, Zone } from '@welkin/interface'
import { afterLoss, NO_LOSSES, probationMs, type Losses } from '../detection/flap-damping.ts'
import type { Handle } from '../statements/handle.ts'
import { isLater, type Stamp } from '../statements/stamp.ts'
import type { Accusation, FactsStatement, NodeFacts, VitalsStatement } from '../statements/statement.ts'
import type { Vitals } from '../statements/vitals.ts'

/** What a statement was to the table; `damped`: of a node that was lost too often to count as up again already. */
export type Outcome = 'joined' | 'returned' | 'restarted' | 'refreshed' | 'damped' | 'left' | 'stale' | 'full'

/** A node of this site, with all that was said of it. `view` is one object for good, which changes in place. */
export interface Member {
  readonly handle: Handle
  readonly view: NodeView
  facts: FactsStatement
  vitals: VitalsStatement
  /** When its vitals were said, by this node's clock. */
  statedMs: number
  /** When it last changed between up and down. */
  changedMs: number
  /** Whether it has spoken to this node itself: a member that nobody has met may be made up. */
  isMet: boolean
  /** By accuser; all of them as of the latest vitals. */
  accusations: ReadonlyMap<Handle, Accusation>
  /** When the first of these was heard. */
  accusedMs: number
  /** How often it was held to be down. */
  losses: Losses
  /** From when on it counts as up again, where it was heard since its loss. */
  backMs: number | undefined
}

/** Shared, as nearly all members have none. */
const NO_ACCUSATIONS: ReadonlyMap<Handle, Accusation> = new Map()

/**
 * Everyone who was heard of in this site, no more than `nodesMax`: the latest of what each has said, and who does not
 * get through to whom. Believes what it is given: signatures are checked before. Pure: time is given.
 */
export class SiteTable {
  readonly #nodesMax: number
  readonly #members = new Map<Handle, Member>()
  readonly #byId = new Map<NodeId, Member>()
  /** Nodes whose facts have come, and whose vitals have not. */
  readonly #announced = new Map<Handle, { facts: FactsStatement, heardMs: number }>()
  /** In order of name, beside their views. */
  #sorted: { members: Member[], views: NodeView[] } | undefined

  constructor (nodesMax: number) {
    this.#nodesMax = nodesMax
  }

  get size (): number {
    return this.#members.size
  }

  get (handle: Handle): Member | undefined {
    return this.#members.get(handle)
  }

  byId (id: NodeId): Member | undefined {
    return this.#byId.get(id)
  }

  members (): IterableIterator<Member> {
    return this.#members.values()
  }

  /** Whose signature a statement of `handle` must have; undefined while its facts have not come. */
  idOf (handle: Handle): NodeId | undefined {
    return (this.#members.get(handle) ?? this.#announced.get(handle))?.facts.facts.id
  }

  /** Whether `statement` says more than what is known. */
  isNews ({ kind, subject, stamp }: FactsStatement | VitalsStatement): boolean {
    const announced = kind === 'facts' ? this.#announced.get(subject)?.facts : undefined
    const known = this.#members.get(subject)?.[kind] ?? announced
    return known === undefined || isLater(stamp, known.stamp)
  }

  hearFacts (statement: FactsStatement, nowMs: number): Outcome {
    const { subject, facts } = statement
    const member = this.#members.get(subject)
    if (member === undefined) return this.#announce(statement, nowMs)
    if (member.view.id !== facts.id || !isLater(statement.stamp, member.facts.stamp)) return 'stale'
    if (facts.name !== member.view.name) this.#sorted = undefined
    const { id: _same, ...changed } = facts
    member.facts = statement
    Object.assign(member.view, changed)
    return 'refreshed'
  }

  /** `statedMs`: when the node said so, as far as can be told. */
  hearVitals (statement: VitalsStatement, statedMs: number, nowMs: number): Outcome {
    const member = this.#members.get(statement.subject)
    if (member === undefined) return this.#join(statement, statedMs, nowMs)
    const { stamp, vitals } = statement
    const last = member.vitals
    if (!isLater(stamp, last.stamp)) return 'stale'
    const wasUp = member.view.state === 'up'
    const isRestarted = stamp.incarnation > last.stamp.incarnation
    member.vitals = statement
    // What was said later is no older, whoever tells so.
    member.statedMs = Math.max(member.statedMs, statedMs)
    member.accusations = NO_ACCUSATIONS
    const isUp = !vitals.leaving && (wasUp || this.#hasWaited(member, isRestarted, nowMs))
    Object.assign(member.view, viewOf(vitals), { state: isUp ? 'up' : 'down', suspected: undefined })
    if (wasUp !== isUp) member.changedMs = nowMs
    if (!isUp && !vitals.leaving) return 'damped'
    member.backMs = undefined
    if (vitals.leaving) return wasUp ? 'left' : 'stale'
    if (isRestarted) return 'restarted'
    return wasUp ? 'refreshed' : 'returned'
  }

  /** Whether this is new: the subject is up, and has said nothing since. */
  hearAccusation (accusation: Accusation, nowMs: number): boolean {
    const { subject, accuser, stamp } = accusation
    const member = this.#members.get(subject)
    if (member === undefined || member.view.state === 'down' || member.accusations.has(accuser)) return false
    if (isLater(member.vitals.stamp, stamp)) return false
    if (member.accusations.size === 0) member.accusedMs = nowMs
    member.accusations = new Map([...member.accusations, [accuser, accusation]])
    member.view.suspected = true
    return true
  }

  markDown (member: Member, nowMs: number): void {
    Object.assign(member.view, { state: 'down', suspected: undefined })
    member.changedMs = nowMs
    member.losses = afterLoss(member.losses, nowMs)
  }

  /** Whether it is worth asking a node that is held to be down: it may be up, and would count as such. */
  mayReturn ({ backMs, vitals, view }: Member, nowMs: number): boolean {
    return view.state === 'down' && !vitals.vitals.leaving && nowMs >= (backMs ?? nowMs)
  }

  /** Whether there is no room for another node. */
  get isFull (): boolean {
    return this.#members.size + this.#announced.size >= this.#nodesMax
  }

  /** Those that are up and have said nothing for `expireMs`. */
  silent (nowMs: number, expireMs: number): Member[] {
    return [...this.#members.values()]
      .filter(({ view, statedMs }) => view.state === 'up' && nowMs - statedMs >= expireMs)
  }

  /** Drops whoever has been down for `forgetMs`; says who. */
  forget (nowMs: number, forgetMs: number): Member[] {
    const forgotten = [...this.#members.values()]
      .filter(({ view, changedMs }) => view.state === 'down' && nowMs - changedMs >= forgetMs)
    for (const { handle, view } of forgotten) {
      this.#members.delete(handle)
      this.#byId.delete(view.id)
      this.#sorted = undefined
    }
    for (const [handle, { heardMs }] of this.#announced) {
      if (nowMs - heardMs >= forgetMs) this.#announced.delete(handle)
    }
    return forgotten
  }

  /**
   * In order of name, then id; names with numbers in the order of the numbers. Ages are as of `nowMs`. The list is the
   * same one until somebody comes or goes, since whoever finds or places asks for it each time.
   */
  views (nowMs: number): readonly NodeView[] {
    const { members, views } = this.#sorted ??= sortedByName(this.#members.values())
    for (const member of members) aged(member, nowMs)
    return views
  }

  view (id: NodeId, nowMs: number): NodeView | undefined {
    const member = this.byId(id)
    return member === undefined ? undefined : aged(member, nowMs)
  }

  count (state: 'up' | 'down'): number {
    let count = 0
    for (const { view } of this.#members.values()) if (view.state === state) count++
    return count
  }

  /** Those of a zone that are up. */
  upIn (zone: Zone): Member[] {
    return [...this.#members.values()].filter(({ view }) => view.state === 'up' && view.zone === zone)
  }

  #announce (facts: FactsStatement, heardMs: number): Outcome {
    if (this.isFull) return 'full'
    this.#announced.set(facts.subject, { facts, heardMs })
    return 'stale'
  }

  /** Whether a node that was down has been heard for long enough to count as up. */
  #hasWaited (member: Member, isRestarted: boolean, nowMs: number): boolean {
    // It was lost once more, though nobody was looking.
    if (isRestarted && member.backMs !== undefined) member.losses = afterLoss(member.losses, nowMs)
    if (isRestarted || member.backMs === undefined) member.backMs = nowMs + probationMs(member.losses)
    return nowMs >= member.backMs
  }

  #join (vitals: VitalsStatement, statedMs: number, nowMs: number): Outcome {
    const handle = vitals.subject
    const facts = this.#announced.get(handle)?.facts
    if (facts === undefined || vitals.vitals.leaving) return 'stale'
    this.#announced.delete(handle)
    const view = newView(facts.facts, vitals.vitals)
    const member: Member = {
      handle, view, facts, vitals, statedMs, changedMs: nowMs, accusations: NO_ACCUSATIONS, accusedMs: 0,
      losses: NO_LOSSES, backMs: undefined, isMet: false
    }
    this.#members.set(handle, member)
    this.#byId.set(view.id, member)
    this.#sorted = undefined
    return 'joined'
  }
}

/** With a place for everything from the start: queries look at all nodes of a site, and like them alike. */
function newView (
  { id, name, zone, addresses, version, machine, drivers }: NodeFacts, { load, coordinate, price }: Vitals
): NodeView {
  return {
    id, name, zone, addresses, version, machine, drivers, load, coordinate, price, state: 'up', suspected: undefined,
    backInMs: undefined, ageMs: 0
  }
}

function viewOf ({ load, coordinate, price }: Vitals): Pick<NodeView, 'load' | 'coordinate' | 'price'> {
  return { load, coordinate, price }
}

function sortedByName (all: Iterable<Member>): { members: Member[], views: NodeView[] } {
  const members = [...all].toSorted((a, b) => byName(a.view, b.view))
  return { members, views: members.map(({ view }) => view) }
}

function aged ({ backMs = 0, view, statedMs }: Member, nowMs: number): NodeView {
  view.ageMs = Math.max(0, nowMs - statedMs)
  view.backInMs = backMs > nowMs ? backMs - nowMs : undefined
  return view
}

interface Named { name: string, id: NodeId }

// Kept, since localeCompare makes a new one whenever it is given options.
const COLLATOR = new Intl.Collator('en', { numeric: true })

export function byName (a: Named, b: Named): number {
  const order = COLLATOR.compare(a.name, b.name)
  if (order !== 0) return order
  return a.id < b.id ? -1 : 1
}

/** The stamp that an accusation of the member bears. */
export function stampOf ({ vitals }: Member): Stamp {
  return vitals.stamp
}
