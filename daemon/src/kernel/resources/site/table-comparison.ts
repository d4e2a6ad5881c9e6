import { siteOf, type Clock, type Keys, type NodeId, type Transport, type Zone } from '@welkin/interface'
import { HANDLE_END, type Handle } from '../statements/handle.ts'
import { isSignedBy, openStatement } from '../statements/statement.ts'
import { markOf, packDigest, type DigestEntry } from './digest.ts'
import type { Hearing } from './hearing.ts'
import {
  packComparison, packQuestion, SITE_PROTOCOL, unpackDifference, type Comparison, type Contact, type Difference,
  type News
} from './messages.ts'
import type { Member, SiteTable } from './site-table.ts'

/** Nodes of one comparison of tables. */
const COMPARED_MAX = 128
/** Of the answer to a comparison. */
const DIFFERENCE_BYTES_MAX = 256 * 1024
/** What was said more lately than this is on its way, and no matter for a comparison. */
const ON_ITS_WAY_MS = 12_000

export interface TableComparisonPorts {
  clock: Clock
  keys: Keys
  transport: Transport
  table: SiteTable
  hearing: Hearing
}

export interface TableComparisonOptions { site: Zone, self: Handle }

export interface TableComparisonListener {
  /** Where nodes of this and other sites are found, for one who is of `site`. */
  contacts: (site: Zone) => Contact[]
  met: (contacts: readonly Contact[]) => void
}

interface Part { from: Handle, to: Handle, entries: DigestEntry[] }

/**
 * Compares this node's table with that of another, and each tells the other what it lacks: it finds whatever was missed
 * by rumour, and is how a node learns of everybody in the first place. A node of another site says where nodes of the
 * cloud are found.
 */
export class TableComparison {
  readonly #ports: TableComparisonPorts
  readonly #options: TableComparisonOptions
  readonly #listener: TableComparisonListener
  /** Where the next comparison begins. */
  #comparedTo: Handle = 0

  constructor (
    ports: TableComparisonPorts, options: TableComparisonOptions, listener: TableComparisonListener
  ) {
    this.#ports = ports
    this.#options = options
    this.#listener = listener
  }

  /** All of the table where `whole`, else the next part. Rejects as requests do, EPROTO for an answer that is none. */
  async compare (peer: NodeId, { whole, timeoutMs }: { whole: boolean, timeoutMs: number }): Promise<void> {
    let part: Part | undefined = whole ? { from: 0, to: HANDLE_END, entries: this.#entries() } : this.#nextPart()
    while (part !== undefined) {
      const next = await this.#comparePart(peer, part, timeoutMs)
      part = next === undefined ? undefined : { from: next, to: part.to, entries: part.entries }
    }
  }

  /** The other side of it. */
  answer ({ site, own, from, to, digest }: Comparison, peer: NodeId): Difference {
    const contacts = this.#listener.contacts(site)
    if (site !== this.#options.site) {
      this.#meetForeign(site, own, peer)
      return { news: [], wanted: [], next: undefined, contacts }
    }
    this.#ports.hearing.take(own, peer)
    const theirs = new Map(digest.map(entry => [entry.handle, entry]))
    const here = this.#entries().filter(({ handle }) => handle >= from && handle < to)
    const wanted = digest.filter(({ handle, mark }) => this.#isMissing(handle, this.#entryOf(handle)?.mark, mark))
      .map(({ handle }) => handle)
    const lacking = here.filter(({ handle, mark }) => this.#isMissing(handle, theirs.get(handle)?.mark, mark))
      .toSorted((a, b) => a.handle - b.handle)
    const news: News[] = []
    let bytes = 0
    for (const { handle } of lacking) {
      const about = this.newsAbout(handle)
      bytes += about.reduce((sum, { wire }) => sum + wire.byteLength, 0)
      if (bytes > DIFFERENCE_BYTES_MAX) return { news, wanted, next: handle, contacts }
      news.push(...about)
    }
    return { news, wanted, next: undefined, contacts }
  }

  /** All that is known of a node. */
  newsAbout (handle: Handle): News[] {
    const member = this.#ports.table.get(handle)
    if (member === undefined) return []
    const { facts, vitals, accusations, statedMs } = member
    const ageMs = this.#ports.clock.monotonicMs() - statedMs
    return [facts, vitals, ...accusations.values()].map(({ wire }) => ({ wire, ageMs }))
  }

  async #comparePart (peer: NodeId, { from, to, entries }: Part, timeoutMs: number): Promise<Handle | undefined> {
    const { hearing, transport } = this.#ports
    const { self, site } = this.#options
    const digest = packDigest(entries.filter(({ handle }) => handle >= from && handle < to))
    const question = packComparison(site, this.newsAbout(self), from, to, digest)
    const payload = await transport.link(peer, SITE_PROTOCOL).request(question, { timeoutMs })
    const { news, wanted, next, contacts } = unpackDifference(payload)
    hearing.take(news, peer)
    this.#listener.met(contacts)
    if (wanted.length > 0) await this.#send(peer, wanted, timeoutMs)
    return next !== undefined && next > from && news.length > 0 ? next : undefined
  }

  /** What the peer lacks of these, as far as one message goes. */
  async #send (peer: NodeId, wanted: readonly Handle[], timeoutMs: number): Promise<void> {
    const { transport } = this.#ports
    const news = fitting(wanted.flatMap(handle => this.newsAbout(handle)), DIFFERENCE_BYTES_MAX)
    await transport.link(peer, SITE_PROTOCOL).request(packQuestion({ kind: 'exchange', news, ids: undefined }), {
      timeoutMs
    })
  }

  /** Whether the side that has `mark` of a node lacks what `other` stands for. What is on its way comes anyway. */
  #isMissing (handle: Handle, mark: number | undefined, other: number): boolean {
    if (mark === undefined || mark === other) return mark === undefined
    const statedMs = this.#ports.table.get(handle)?.statedMs ?? 0
    return this.#ports.clock.monotonicMs() - statedMs >= ON_ITS_WAY_MS
  }

  /** A node of another site that speaks to this one is somebody to know there. */
  #meetForeign (site: Zone, own: News[], peer: NodeId): void {
    const { keys } = this.#ports
    for (const { wire } of own) {
      const statement = openStatement(wire, keys)
      if (statement.kind !== 'facts' || statement.facts.id !== peer || !isSignedBy(peer, statement, keys)) continue
      const { addresses, zone } = statement.facts
      if (siteOf(zone) === site) this.#listener.met([{ site, id: peer, addresses }])
    }
  }

  /** What is known of those that are up; who is down is nobody's news. */
  #entries (): DigestEntry[] {
    return [...this.#ports.table.members()].filter(({ view }) => view.state === 'up').map(entryOf)
  }

  #entryOf (handle: Handle): DigestEntry | undefined {
    const member = this.#ports.table.get(handle)
    return member === undefined ? undefined : entryOf(member)
  }

  /** The next `COMPARED_MAX` nodes of the table, with the gaps between them and after the last. */
  #nextPart (): Part {
    const entries = this.#entries().toSorted((a, b) => a.handle - b.handle)
    const from = this.#comparedTo >= HANDLE_END ? 0 : this.#comparedTo
    const part = entries.filter(({ handle }) => handle >= from).slice(0, COMPARED_MAX)
    const last = part.at(-1)
    const isEnd = last === undefined || last === entries.at(-1)
    const to = isEnd ? HANDLE_END : last.handle + 1
    this.#comparedTo = to
    return { from, to, entries: part }
  }
}

function entryOf ({ handle, facts, vitals }: Member): DigestEntry {
  return { handle, mark: markOf(facts.wire, vitals.wire) }
}

function fitting (news: News[], bytesMax: number): News[] {
  let bytes = 0
  const end = news.findIndex(({ wire }) => (bytes += wire.byteLength) > bytesMax)
  return end < 0 ? news : news.slice(0, end)
}
