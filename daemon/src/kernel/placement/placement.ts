import { mapConcurrently } from '@welkin/async'
import type { ObjectSpec } from '@welkin/abi'
import {
  CloudError, isCloudError, shuffled, toHex, type Cancel, type Clock, type CloudProcessId, type Keys, type Logger, type Membership, type NodeId,
  type ObjectId, type Random
} from '@welkin/interface'
import type { Calls, Locator } from '../../dispatch/index.ts'
import { resolvePlace } from '../../resolve-node.ts'
import { RecentPlacements } from './recent.ts'
import { spread, type Candidate } from './spread.ts'

const HOST_TIMEOUT_MS = 30_000
const WIDTH = 32
/** By these a node says that it did not take the objects; others may. */
const REFUSALS = ['EAGAIN', 'ENOSYS', 'ENOSPC', 'EIO', 'EHOSTDOWN', 'EHOSTUNREACH'] as const
/** Objects in one request, so that it fits into a frame: what `host` takes at the most. */
const BATCH_MAX = 10_000

export interface PlacementPorts {
  clock: Clock
  random: Random
  keys: Keys
  log: Logger
  calls: Calls
  locator: Locator
  membership: Membership
}

type Refusals = ReadonlyMap<NodeId, CloudError>
interface NewObject { id: ObjectId, name?: string | undefined }
interface Placed { object: NewObject, node: NodeId }
/** What became of one node's share; `failure`: what ends the whole call. */
interface Offer { taken: Placed[], refused: NewObject[], failure?: unknown }
interface Job { cp: CloudProcessId, spec: ObjectSpec, signal: AbortSignal }

/** Serves `spawn`. */
export function servePlacement (ports: PlacementPorts): Cancel {
  const placement = new Placement(ports)
  return ports.calls.serve('spawn', async ({ name, count, on, cp: joined, ...spec }, { requestId, signal }) => {
    if (name !== undefined) await placement.requireUnused(name, signal)
    const cp = joined ?? placement.drawId(requestId, 'cp')
    const objects = Array.from({ length: count }, (_, index): NewObject => {
      return { id: placement.drawId(requestId, `${index}`), name: count === 1 || name === undefined ? name : `${name}.${index}` }
    })
    const placed = await placement.place(objects, on, { cp, spec, signal })
    return { cp, objects: placed.map(({ object: { id, name: own }, node }) => ({ id, node, ...own === undefined ? {} : { name: own } })) }
  })
}

class Placement {
  readonly #ports: PlacementPorts
  readonly #random: Random
  readonly #recent = new RecentPlacements()

  constructor (ports: PlacementPorts) {
    this.#ports = ports
    this.#random = ports.random.fork('placement')
  }

  /** An id that follows from the request's, so that a repeat of the request means the same objects. */
  drawId (requestId: string, purpose: string): ObjectId {
    return toHex(this.#ports.keys.digest().update(new TextEncoder().encode(`${requestId} ${purpose}`)).done().subarray(0, 16))
  }

  /** Rejects EEXIST where a live object goes by `name`. */
  async requireUnused (name: string, signal: AbortSignal): Promise<void> {
    const { calls, locator } = this.#ports
    try {
      const { id, node } = await locator.locate(name, { signal })
      const { state, name: found } = await calls.at(node).stat({ id }, { signal })
      if (state === 'ended' || found !== name) return
      throw new CloudError('EEXIST', `An object named "${name}" lives already; choose another name, or kill it first.`, { fields: { object: id, node } })
    } catch (error) {
      if (!isCloudError(error, 'ENOENT', 'EHOSTDOWN', 'EINVAL')) throw error
    }
  }

  /**
   * Gives every object to a node that takes it, in rounds: those that a node refused go to others in the next. Where
   * nobody is left to ask, what was placed is taken back, and the call rejects with EAGAIN or the nodes' own reason.
   */
  async place (objects: NewObject[], on: string | undefined, job: Job): Promise<Placed[]> {
    const placed: Placed[] = []
    const refusals = new Map<NodeId, CloudError>() // by node, the latest
    let left = objects
    try {
      while (left.length > 0) {
        const offers = await mapConcurrently([...this.#shares(left, on, job.spec, refusals)], WIDTH,
          async ([node, share]) => await this.#offer(node, share, job, refusals))
        placed.push(...offers.flatMap(({ taken }) => taken))
        const failure = offers.find(offer => offer.failure !== undefined)?.failure
        if (failure !== undefined) throw failure
        left = offers.flatMap(({ refused }) => refused)
      }
    } catch (error) {
      await this.#takeBack(placed)
      throw error
    }
    const order = new Map(objects.map(({ id }, index) => [id, index]))
    return placed.toSorted((a, b) => (order.get(a.object.id) ?? 0) - (order.get(b.object.id) ?? 0))
  }

  /**
   * Who is offered what: by the room that nodes have told of; where that is not enough, also those who may have more by
   * now. Rejects when all of them have refused.
   */
  #shares (objects: NewObject[], on: string | undefined, spec: ObjectSpec, refusals: Refusals): Map<NodeId, NewObject[]> {
    const candidates = shuffled(this.#random, this.#candidates(on, spec, refusals))
    const room = candidates.reduce((sum, candidate) => sum + Math.max(0, candidate.room), 0)
    const hopeful = room >= objects.length
      ? candidates
      : candidates.map(candidate => refusals.has(candidate.id) ? candidate : { ...candidate, room: Number.POSITIVE_INFINITY })
    let at = 0
    const shares = new Map([...spread(hopeful, objects.length)].map(([node, count]) => [node, objects.slice(at, at += count)]))
    if (at < objects.length) throw nobodyLeft(objects.length - at, refusals)
    return shares
  }

  #candidates (on: string | undefined, { program }: ObjectSpec, refusals: Refusals): Candidate[] {
    const { clock, membership } = this.#ports
    const nodes = on === undefined ? membership.nodes() : resolvePlace(membership.nodes(), on)
    const up = nodes.filter(({ state }) => state === 'up')
    if (on !== undefined && up.length === 0) {
      throw new CloudError('EHOSTDOWN', `No node of "${on}" is up; "welkin nodes" shows who is.`, { fields: { on } })
    }
    const able = up.filter(({ drivers }) => drivers.includes(program.driver))
    if (able.length === 0) {
      const fields = { driver: program.driver }
      throw new CloudError('ENOSYS', `No node that may be chosen has the driver "${program.driver}".`, { fields })
    }
    const nowMs = clock.monotonicMs()
    return able.map(({ id, ageMs, load, machine: { cpuCount } }) => {
      const objects = load.objects + this.#recent.countSince(id, nowMs - ageMs)
      const refusal = refusals.get(id)
      return { id, objects, cpuCount, room: refusal === undefined ? load.objectsMax - objects : roomLeft(refusal) }
    })
  }

  async #offer (node: NodeId, share: NewObject[], job: Job, refusals: Map<NodeId, CloudError>): Promise<Offer> {
    const taken: Placed[] = []
    for (let at = 0; at < share.length; at += BATCH_MAX) {
      const batch = share.slice(at, at + BATCH_MAX)
      try {
        await this.#host(node, batch, job)
      } catch (error) {
        if (!isCloudError(error, ...REFUSALS)) return { taken, refused: [], failure: error }
        refusals.set(node, error)
        return { taken, refused: share.slice(at) }
      }
      this.#recent.add(node, batch.length, this.#ports.clock.monotonicMs())
      taken.push(...batch.map(object => ({ object, node })))
    }
    return { taken, refused: [] }
  }

  /**
   * A node that falls silent may have taken the objects all the same: it is asked once more, which does no harm. If that
   * fails too they must not run under the same ids elsewhere, so that the call fails rather than tries others.
   */
  async #host (node: NodeId, objects: NewObject[], { cp, spec, signal }: Job): Promise<void> {
    const ask = async (): Promise<unknown> => await this.#ports.calls.at(node).host({ cp, spec, objects }, { timeoutMs: HOST_TIMEOUT_MS, signal })
    try {
      await ask()
    } catch (first) {
      if (!isCloudError(first, 'ECONNRESET', 'ETIMEDOUT')) throw first
      try {
        await ask()
      } catch (second) {
        if (!isCloudError(second, 'ECONNRESET', 'EHOSTDOWN', 'EHOSTUNREACH')) throw second
        throw new CloudError('ETIMEDOUT', `Node ${node} fell silent while it took objects; whether they run there shows when it answers again.`, { fields: { node } })
      }
    }
  }

  /** Ends and forgets what was placed for a call that then failed; a node that cannot be reached keeps it, with a note in the log. */
  async #takeBack (placed: readonly Placed[]): Promise<void> {
    const { calls, log } = this.#ports
    await mapConcurrently(placed, WIDTH, async ({ object: { id }, node }) => {
      try {
        await calls.at(node).kill({ id, graceMs: 0 })
        await calls.at(node).remove({ id })
      } catch (error) {
        if (!isCloudError(error)) throw error
        log.warn('placement.object_not_taken_back', { object: id, node, code: error.code })
      }
    })
  }
}

/** A node that refuses for want of room says how much it has; one that refuses for other reasons has none. */
function roomLeft ({ code, fields: { room } }: CloudError): number {
  return code === 'EAGAIN' && typeof room === 'number' ? room : 0
}

function nobodyLeft (count: number, refusals: Refusals): CloudError {
  const [first] = refusals.values()
  if (refusals.size === 1 && first !== undefined) return first
  const reasons = [...refusals].map(([node, { message }]) => `${node}: ${message}`)
  return new CloudError('EAGAIN', `No node has room for ${count} more; wait for objects to end, or add nodes.`, { fields: { count, reasons: reasons.slice(0, 20) } })
}
