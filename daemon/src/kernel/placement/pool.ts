import type { Condition, NodeQuery, ObjectSpec } from '@welkin/abi'
import {
  CloudError, shuffled, type AbortOptions, type CostVector, type Membership, type NodeView, type Random, type Zone
} from '@welkin/interface'
import type { Calls } from '../../dispatch/index.ts'
import { resolvePlace } from '../../resolve-node.ts'
import { needsSandbox, withSandboxes } from '../../sandboxes.ts'
import type { FoundNode } from './candidates.ts'
import { startDelayOf } from './start-delay.ts'

/** Looks for nodes: what `resources` does. `total`: what a row costs as one number, in an order by cost. */
export type Find = (request: FindNodes, options: AbortOptions) => Promise<FoundNodes>

interface FindNodes {
  query: NodeQuery
  scope: 'cloud'
  among?: readonly NodeView[] | undefined
  sitesMax?: number | undefined
  startDelayMs?: ((node: NodeView) => number) | undefined
}

export interface FoundNodes {
  rows: Array<{ node: NodeView, cost: CostVector, total?: number | undefined }>
  matched: number
  silent: readonly Zone[]
  why?: string | undefined
}

/**
 * Nodes that are looked for at first: more than objects, so that those who place at the same time find more than the
 * same few, and of the sites that promise most.
 */
const ROWS_MIN = 128
const SITES = 4
const ROWS_MAX = 10_000

export interface PoolPorts { calls: Calls, membership: Membership, random: Random, find: Find }

interface PoolJob {
  on: string | undefined
  query: NodeQuery
  spec: Pick<ObjectSpec, 'program' | 'files' | 'isolation' | 'network'>
  signal: AbortSignal
}

/** The nodes from which one job's objects choose: the best few at first, all of them when those are not enough. */
export class Pool {
  /** What is looked for in the end. */
  readonly query: NodeQuery
  readonly #ports: PoolPorts
  readonly #job: PoolJob
  readonly #rowsWanted: number
  #found: FoundNodes | undefined
  #whole = false
  #delay: ((node: NodeView) => number) | undefined

  constructor (ports: PoolPorts, job: PoolJob, count: number) {
    this.#ports = ports
    this.#job = job
    this.#rowsWanted = Math.min(ROWS_MAX, Math.max(ROWS_MIN, 2 * count))
    const { limit: _ignored, ...query } = job.query
    this.query = { ...query, where: allOf(query.where, IS_UP, hasDriver(driverOf(job.spec))) }
  }

  /** Whether there is nobody else to be looked for. */
  get whole (): boolean {
    return this.#whole
  }

  nodes (): FoundNode[] {
    return (this.#found?.rows ?? []).map(({ node, total }) => ({ node, cost: total }))
  }

  /** Rejects ENOENT (no such place), EHOSTDOWN (one that is down, or may be), ENOSYS (no such driver), EAGAIN. */
  async found (): Promise<FoundNodes> {
    return this.#found ??= await this.#look()
  }

  /** Looks for all that there are. */
  async widen (): Promise<void> {
    this.#whole = true
    this.#found = await this.#look()
  }

  async #look (): Promise<FoundNodes> {
    const { find, membership, random } = this.#ports
    const { on, signal } = this.#job
    const among = on === undefined ? undefined : resolvePlace(await membership.everyone({ signal }), on)
    if (among !== undefined) this.#whole = true
    const limit = this.#whole ? ROWS_MAX : this.#rowsWanted
    const query = { ...this.#ordered(), limit }
    const sitesMax = this.#whole ? undefined : SITES
    const startDelayMs = await this.#startDelay()
    const found = await find({ query, scope: 'cloud', among, sitesMax, startDelayMs }, { signal })
    if (found.rows.length === 0) throw this.#nobody(found, among)
    if (found.matched <= found.rows.length && found.silent.length === 0) this.#whole = true
    // Without an order all are alike, and nobody shall be first by name.
    return this.query.order === undefined ? { ...found, rows: shuffled(random, found.rows) } : found
  }

  /** Who has the files is asked only where it counts. */
  async #startDelay (): Promise<((node: NodeView) => number) | undefined> {
    const { calls, membership: { self } } = this.#ports
    const { spec, signal } = this.#job
    const { order } = this.query
    const counts = order?.by === 'cost' && (order.weights === undefined || (order.weights.start ?? 0) > 0)
    return counts ? this.#delay ??= await startDelayOf(spec, { calls, self }, { signal }) : undefined
  }

  /** Where no order is asked for, the nodes that are least full are looked for. */
  #ordered (): NodeQuery {
    const { order = { by: 'attribute', attribute: 'load', descending: false } } = this.query
    return { ...this.query, order }
  }

  #nobody ({ why }: FoundNodes, among: readonly NodeView[] | undefined): CloudError {
    const { on, query: { where }, spec } = this.#job
    const driver = driverOf(spec)
    if (among?.every(({ state }) => state === 'down') === true) {
      const message = `No node of "${on}" is up; "welkin nodes" shows who is, and who is on probation for how long.`
      return new CloudError('EHOSTDOWN', message, { fields: { on: on as string } })
    }
    if (where === undefined || why?.includes(`drivers has ${driver}`) === true) {
      const more = needsSandbox(spec) ? ': install bubblewrap on one, or ask for less isolation' : ''
      const message = `No node that may be chosen has the driver "${driver}"${more}.`
      return new CloudError('ENOSYS', message, { fields: { driver } })
    }
    return new CloudError('EAGAIN', why ?? 'No node matches; ask for less, or add nodes.', { fields: { driver } })
  }
}

const IS_UP: Condition = { kind: 'compare', attribute: 'state', operator: '=', value: 'up' }

/** What its node must have, in the words of nodes. */
function driverOf (spec: PoolJob['spec']): string {
  const { driver } = spec.program
  return needsSandbox(spec) ? withSandboxes(driver) : driver
}

function hasDriver (driver: string): Condition {
  return { kind: 'has', attribute: 'drivers', word: driver }
}

function allOf (...conditions: Array<Condition | undefined>): Condition {
  const given = conditions.filter(condition => condition !== undefined)
  return { kind: 'all', of: given.flatMap(condition => condition.kind === 'all' ? condition.of : [condition]) }
}
