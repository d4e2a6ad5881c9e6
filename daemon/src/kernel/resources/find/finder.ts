import type { NodeQuery } from '@welkin/abi'
import { mapConcurrently } from '@welkin/async'
import {
  CloudError, isCloudError, shuffled, type AbortOptions, type Logger, type Measurement, type NodeId, type NodeView,
  type Random, type SiteSummary, type Transport, type Zone
} from '@welkin/interface'
import {
  compileCost, expectedMatches, select, targetsOf, whyNot, type Place, type Selected, type Surroundings
} from '@welkin/query'
import type { Calls } from '../../../dispatch/index.ts'
import { nearestFirst } from './nearest.ts'
import { resolveTargets, type TargetPorts } from './targets.ts'

/** Sites that are asked at a time, and in all: those that promise most. */
const WIDTH = 32
const SITES_MAX = 256
/** How long other sites may take, where the caller does not say. */
const TIMEOUT_MS = 3000
/** Rows of one site that come over the wire. */
const ROWS_MAX = 1000

export interface FinderPorts extends Omit<TargetPorts, 'coordinate'> {
  calls: Calls
  random: Random
  transport: Transport
  log: Logger
  measurement: Pick<Measurement, 'coordinate' | 'distance' | 'probe' | 'way'>
}

type Patience = AbortOptions & { timeoutMs?: number | undefined }

export interface FindRequest {
  query: NodeQuery
  scope: 'site' | 'cloud'
  /** Where targets stand, as whoever passes the question on has found out. */
  places?: ReadonlyMap<string, Place> | undefined
  startDelayMs?: ((node: NodeView) => number | undefined) | undefined
  /** Only these, which are known already; left out: whoever there is. */
  among?: readonly NodeView[] | undefined
  /** Other sites that are asked at the most. */
  sitesMax?: number | undefined
  /** Round trips that may be measured to refine an order by distance. */
  probes?: number | undefined
}

/** `total`: where the query orders by cost, what this row costs as one number. */
export interface FoundRow extends Selected { total?: number | undefined }

/** `silent`: sites that may have more, and did not answer in time; `why`: where nothing matches, what excludes all. */
export interface Found { rows: FoundRow[], matched: number, silent: Zone[], why?: string | undefined }

/** Finds nodes: those of this site in its picture, others by asking the sites that can have some (paper III.B.1). */
export class Finder {
  readonly #ports: FinderPorts
  readonly #random: Random

  constructor (ports: FinderPorts) {
    this.#ports = ports
    this.#random = ports.random.fork('find')
  }

  /** Rejects EINVAL (the query), ENOENT (a target that is nowhere). */
  async find (request: FindRequest, options: Patience): Promise<Found> {
    const { query: { order, limit = ROWS_MAX }, probes = 0 } = request
    if (probes === 0) return await this.#look(request, options)
    if (order?.by !== 'rtt' || order.descending) {
      throw new CloudError('EINVAL', 'Probes refine an order by distance: say "order by rtt(TARGET)", or no probes.')
    }
    const [target] = await this.locate([order.target] as const, options)
    const found = await this.#look({ ...request, query: { ...request.query, limit: limit + probes } }, options)
    if (target.id === undefined) return { ...found, rows: found.rows.slice(0, limit) } // nobody is there to probe
    const from = target.id
    const rows = await nearestFirst(found.rows, probes, async peer => await this.#probe(from, peer, options))
    return { ...found, rows: rows.slice(0, limit) }
  }

  /** The round trip between two nodes, measured now; undefined: no answer. */
  async #probe (from: NodeId, to: NodeId, { signal }: Patience): Promise<number | undefined> {
    const { calls, measurement, membership } = this.#ports
    if (from === to) return 0
    try {
      if (from === membership.self) return (await measurement.probe(to, { signal })).rttMs
      const { peers } = await calls.at(from).measure({ peers: [to], probes: 2 }, { timeoutMs: TIMEOUT_MS, signal })
      return peers[0]?.rttMsMin
    } catch (error) {
      if (!isCloudError(error) || isCloudError(error, 'ECANCELED')) throw error
      return undefined
    }
  }

  async #look (request: FindRequest, options: Patience): Promise<Found> {
    const { membership } = this.#ports
    const { query, scope, among, sitesMax = SITES_MAX } = request
    const places = await this.#places(request, options)
    const surroundings = this.#surroundings(places, request.startDelayMs)
    const own = among ?? membership.nodes()
    const here = select(query, own, surroundings)
    if (scope === 'site' || among !== undefined) return finished(query, own, surroundings, { ...here, silent: [] }, [])
    const sites = await membership.summaries({ signal: options.signal })
    const likely = likelySites(query, sites, surroundings).slice(0, sitesMax)
    const { nodes, matched, silent } = await this.#askSites(likely, query, places, options)
    // Each part is the best of its own; whether a node matches, its own site knows best.
    const { where: _met, ...order } = query
    const rows = nodes.length === 0
      ? here.rows
      : select(order, [...here.rows.map(({ node }) => node), ...nodes], surroundings).rows
    const whole = { rows, matched: here.matched + matched, silent }
    return finished(query, own, surroundings, whole, sites.filter(site => !likely.includes(site)))
  }

  /** Where these stand: nodes, zones, objects or this node. Rejects ENOENT. */
  async locate<T extends readonly string[]> (
    targets: T, options: Patience
  ): Promise<{ -readonly [K in keyof T]: Place }> {
    const { measurement } = this.#ports
    const ports = { ...this.#ports, coordinate: () => measurement.coordinate() }
    const places = await resolveTargets(targets, ports, options)
    return targets.map(target => places.get(target)) as { -readonly [K in keyof T]: Place }
  }

  /** Where the query's targets stand: as whoever passed it on has found out, else as this node finds out. */
  async #places ({ query, places: given }: FindRequest, options: Patience): Promise<Map<string, Place>> {
    const { measurement } = this.#ports
    const unknown = targetsOf(query).filter(target => given?.has(target) !== true)
    const ports = { ...this.#ports, coordinate: () => measurement.coordinate() }
    return new Map([...given ?? [], ...await resolveTargets(unknown, ports, options)])
  }

  #surroundings (places: ReadonlyMap<string, Place>, startDelayMs: FindRequest['startDelayMs']): Surroundings {
    const { measurement } = this.#ports
    return {
      distanceFrom: target => {
        const from = places.get(target) ?? {}
        // Distance is not reachability: a node that is down is at no distance.
        return place => (place as Partial<NodeView>).state === 'down' ? undefined : measurement.distance(from, place)
      },
      bandwidthBytesPerSecond: ({ id }) => measurement.way(id).bandwidth?.value,
      ...startDelayMs === undefined ? {} : { startDelayMs }
    }
  }

  async #askSites (
    sites: readonly SiteSummary[], query: NodeQuery, places: ReadonlyMap<string, Place>,
    options: Patience
  ): Promise<{ nodes: NodeView[], matched: number, silent: Zone[] }> {
    const silent: Zone[] = []
    let matched = 0
    const answers = await mapConcurrently(sites, WIDTH, async summary => {
      const answer = await this.#askSite(summary, query, places, options)
      if (answer === undefined) silent.push(summary.site)
      matched += answer?.matched ?? 0
      return answer?.nodes ?? []
    })
    return { nodes: answers.flat(), matched, silent: silent.toSorted() }
  }

  /** Undefined where none of its delegates answers in time. */
  async #askSite (
    { site, delegates }: SiteSummary, query: NodeQuery, places: ReadonlyMap<string, Place>,
    { signal, timeoutMs = TIMEOUT_MS }: Patience
  ): Promise<{ nodes: NodeView[], matched: number } | undefined> {
    const { calls, log, transport } = this.#ports
    const limit = Math.min(query.limit ?? ROWS_MAX, ROWS_MAX)
    for (const { id, addresses } of shuffled(this.#random, delegates)) {
      transport.learn(id, addresses)
      try {
        const { rows, matched } = await calls.at(id).find({
          query: { ...query, limit }, scope: 'site', places: plain(places)
        }, { timeoutMs, signal })
        for (const { node } of rows) transport.learn(node.id, node.addresses)
        return { nodes: rows.map(({ node }) => node as NodeView), matched }
      } catch (error) {
        if (!isCloudError(error) || isCloudError(error, 'ECANCELED')) throw error
        log.debug('resources.site_not_asked', { site, node: id, code: error.code })
      }
    }
    return undefined
  }
}

/** The sites that may have what is asked for, those first that are likely to have most. */
function likelySites (query: NodeQuery, sites: readonly SiteSummary[], surroundings: Surroundings): SiteSummary[] {
  return sites.map(site => ({ site, expected: expectedMatches(query, site, surroundings) }))
    .filter(({ expected }) => expected > 0)
    .toSorted((a, b) => b.expected - a.expected).map(({ site }) => site)
}

/** With what each row costs, or with what excludes all. */
function finished (
  query: NodeQuery, own: readonly NodeView[], surroundings: Surroundings, found: Found, excluded: readonly SiteSummary[]
): Found {
  if (query.order?.by === 'cost' && found.matched > 0) {
    const totalOf = compileCost(query, surroundings)
    return { ...found, rows: found.rows.map(row => ({ ...row, total: totalOf(row.node) })) }
  }
  if (found.matched > 0 || found.silent.length > 0) return found
  const why = whyNot(query, own, surroundings, excluded)?.message
  return why === undefined ? found : { ...found, why }
}

function plain (places: ReadonlyMap<string, Place>) {
  return Object.fromEntries(Array.from(places, ([target, { id, coordinate }]) => [target, {
    ...id === undefined ? {} : { id },
    ...coordinate === undefined ? {} : { coordinate: { ...coordinate, vector: [...coordinate.vector] } }
  }]))
}
