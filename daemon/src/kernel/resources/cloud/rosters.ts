import { mapConcurrently } from '@welkin/async'
import {
  isCloudError, shuffled, siteOf, type AbortOptions, type Clock, type CloudView, type Logger, type NodeView,
  type Random, type SiteSummary, type Transport, type Zone
} from '@welkin/interface'
import type { Calls } from '../../../dispatch/index.ts'
import { byName } from '../site/site-table.ts'

const WIDTH = 32
/** What a site has told serves for so long: some calls want to know everyone several times in a row. */
const FRESH_MS = 1000
const TIMEOUT_MS = 3000

export interface RostersPorts {
  calls: Calls
  clock: Clock
  random: Random
  transport: Transport
  log: Logger
  /** The nodes of this site. */
  own: () => readonly NodeView[]
  summaries: (options: AbortOptions & { timeoutMs: number }) => Promise<readonly SiteSummary[]>
}

interface Roster { askedMs: number, nodes: Promise<readonly NodeView[] | undefined> }

/** The nodes of the other sites, asked of their delegates when somebody wants to know. */
export class Rosters {
  readonly #ports: RostersPorts
  readonly #rosters = new Map<Zone, Roster>()

  constructor (ports: RostersPorts) {
    this.#ports = ports
  }

  async everyone ({ signal, timeoutMs = TIMEOUT_MS }: AbortOptions & { timeoutMs?: number } = {}): Promise<CloudView> {
    const { own, summaries } = this.#ports
    const sites = await summaries({ timeoutMs, signal })
    const silent: Zone[] = []
    const known = await mapConcurrently(sites, WIDTH, async summary => {
      const nodes = await this.#nodesOf(summary, timeoutMs)
      if (nodes === undefined) silent.push(summary.site)
      return nodes ?? []
    })
    const sitesKnown = new Set(sites.map(({ site }) => site))
    for (const site of this.#rosters.keys()) if (!sitesKnown.has(site)) this.#rosters.delete(site)
    return { nodes: [...own(), ...known.flat()].toSorted(byName), silent: silent.toSorted() }
  }

  /** Undefined where nobody answers. Askers at a time share the answer. */
  async #nodesOf (summary: SiteSummary, timeoutMs: number): Promise<readonly NodeView[] | undefined> {
    const { clock } = this.#ports
    const known = this.#rosters.get(summary.site)
    const nowMs = clock.monotonicMs()
    if (known !== undefined && nowMs - known.askedMs < FRESH_MS) return await known.nodes
    const roster = { askedMs: nowMs, nodes: this.#ask(summary, timeoutMs) }
    this.#rosters.set(summary.site, roster)
    const nodes = await roster.nodes
    if (nodes === undefined && this.#rosters.get(summary.site) === roster) this.#rosters.delete(summary.site)
    return nodes
  }

  /** Of what a site tells, that counts which is about itself. */
  async #ask ({ site, delegates }: SiteSummary, timeoutMs: number): Promise<readonly NodeView[] | undefined> {
    const { calls, log, own, random, transport } = this.#ports
    for (const { id, addresses } of shuffled(random, delegates)) {
      transport.learn(id, addresses)
      try {
        const { nodes } = await calls.at(id).nodes({ scope: 'site' }, { timeoutMs })
        const members = new Set(own().map(({ id: member }) => member))
        const theirs = nodes.filter(node => siteOf(node.zone) === site && !members.has(node.id)) as NodeView[]
        for (const node of theirs) transport.learn(node.id, node.addresses)
        return theirs
      } catch (error) {
        if (!isCloudError(error)) throw error
        log.debug('resources.roster_not_had', { site, node: id, code: error.code })
      }
    }
    return undefined
  }
}
