import type { NodeId, NodeView } from '@welkin/interface'
import type { Announcement } from './announcement.ts'

interface Member { last: Announcement, heardMs: number, state: 'up' | 'down' }

/** What an announcement was to the table. */
export type Outcome = 'joined' | 'returned' | 'restarted' | 'refreshed' | 'left' | 'stale' | 'full'

/** Who was heard of, and when; no more than `nodesMax`. Pure: time is given. */
export class MemberTable {
  readonly #nodesMax: number
  readonly #members = new Map<NodeId, Member>()
  #sorted: Member[] | undefined

  constructor (nodesMax: number) {
    this.#nodesMax = nodesMax
  }

  hear (announcement: Announcement, nowMs: number): Outcome {
    const { record: { id }, leaving } = announcement
    const known = this.#members.get(id)
    if (known !== undefined && !isNewer(announcement, known.last)) return 'stale'
    if (known === undefined && (leaving || this.#members.size >= this.#nodesMax)) return leaving ? 'stale' : 'full'
    if (known === undefined) {
      this.#members.set(id, { last: announcement, heardMs: nowMs, state: 'up' })
      this.#sorted = undefined
      return 'joined'
    }
    const { last, state } = known
    Object.assign(known, { last: announcement, heardMs: nowMs, state: leaving ? 'down' : 'up' })
    if (announcement.record.name !== last.record.name) this.#sorted = undefined
    if (leaving) return state === 'up' ? 'left' : 'stale'
    if (state === 'down') return 'returned'
    return announcement.incarnation > last.incarnation ? 'restarted' : 'refreshed'
  }

  /** Marks as down whoever was silent for `silenceMaxMs`, and says who they are. */
  expire (nowMs: number, silenceMaxMs: number): NodeId[] {
    const expired: NodeId[] = []
    for (const [id, member] of this.#members) {
      if (member.state === 'down' || nowMs - member.heardMs < silenceMaxMs) continue
      member.state = 'down'
      expired.push(id)
    }
    return expired
  }

  /** Drops whoever has been silent for `forgetMs`, and says who of them had taken leave. */
  forget (nowMs: number, forgetMs: number): NodeId[] {
    const left: NodeId[] = []
    for (const [id, { heardMs, last }] of this.#members) {
      if (nowMs - heardMs < forgetMs) continue
      this.#members.delete(id)
      this.#sorted = undefined
      if (last.leaving) left.push(id)
    }
    return left
  }

  isUp (id: NodeId): boolean {
    return this.#members.get(id)?.state === 'up'
  }

  get (id: NodeId, nowMs: number): NodeView | undefined {
    const member = this.#members.get(id)
    return member === undefined ? undefined : view(member, nowMs)
  }

  /** In order of name, then id; names with numbers in the order of the numbers. */
  all (nowMs: number): NodeView[] {
    this.#sorted ??= [...this.#members.values()].toSorted((a, b) => byName(a.last.record, b.last.record))
    return this.#sorted.map(member => view(member, nowMs))
  }

  count (state: 'up' | 'down'): number {
    let count = 0
    for (const member of this.#members.values()) if (member.state === state) count++
    return count
  }
}

function isNewer (a: Announcement, b: Announcement): boolean {
  return a.incarnation > b.incarnation || (a.incarnation === b.incarnation && a.sequence > b.sequence)
}

function view ({ last, heardMs, state }: Member, nowMs: number): NodeView {
  return { ...last.record, state, ageMs: Math.max(0, nowMs - heardMs) }
}

interface Named { name: string, id: NodeId }

function byName (a: Named, b: Named): number {
  const order = a.name.localeCompare(b.name, 'en', { numeric: true })
  if (order !== 0) return order
  return a.id < b.id ? -1 : 1
}
