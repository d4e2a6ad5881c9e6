import { mapConcurrently } from '@welkin/async'
import type { ObjectSpec } from '@welkin/abi'
import {
  CloudError, isCloudError, shuffled, throwIfAborted, type Clock, type CloudProcessId, type Logger, type Membership,
  type NodeId, type ObjectId, type Random
} from '@welkin/interface'
import type { Calls } from '../../dispatch/index.ts'
import { resolvePlace } from '../../resolve-node.ts'
import { Names } from './names.ts'
import { RecentPlacements } from './recent.ts'
import { spread, type Candidate } from './spread.ts'

const HOST_TIMEOUT_MS = 30_000
const TAKE_BACK_TIMEOUT_MS = 10_000
const WIDTH = 32
/** By these a node says that it did not take the objects; others may. */
const REFUSALS = ['EAGAIN', 'ENOSYS', 'ENOSPC', 'EIO', 'EHOSTDOWN', 'EHOSTUNREACH'] as const
/** By these a call says that it does not know what became of what it asked for. */
const UNKNOWN_OUTCOMES = ['ETIMEDOUT', 'ECONNRESET', 'ECANCELED'] as const
/** Objects in one request, so that it fits into a frame: what `host` takes at the most. */
const BATCH_MAX = 10_000

export interface PlacementPorts {
  clock: Clock
  random: Random
  log: Logger
  calls: Calls
  membership: Membership
}

export interface NewObject { id: ObjectId, name?: string | undefined }
export interface Placed { object: NewObject, node: NodeId }

/** What is to be placed, and by whose wish. `name`: what the objects' names derive from; `on`: a node or zone. */
export interface Job {
  name: string | undefined
  on: string | undefined
  cp: CloudProcessId
  spec: ObjectSpec
  signal: AbortSignal
}

type Refusals = ReadonlyMap<NodeId, CloudError>

/**
 * What became of one node's share. `there`: what it has taken, and (after a failure) what it may have taken without
 * having said so; `failure`: what ends the whole call.
 */
interface Offer { there: Placed[], refused: NewObject[], failure?: unknown }

export class Placement {
  readonly #ports: PlacementPorts
  readonly #random: Random
  readonly #recent = new RecentPlacements()
  readonly #names: Names

  constructor (ports: PlacementPorts) {
    this.#ports = ports
    this.#random = ports.random.fork('placement')
    this.#names = new Names(ports)
  }

  /**
   * Gives every object to a node that takes it; all or none. Rejects EEXIST (a name is taken), EAGAIN or the nodes' own
   * reason with nothing left anywhere, and ETIMEDOUT where a node fell silent, so that some may be there.
   */
  async place (objects: NewObject[], job: Job): Promise<Placed[]> {
    const { name, signal } = job
    if (name === undefined) return await this.#placeAll(objects, job)
    const names = objects.flatMap(object => object.name ?? [])
    return await this.#names.whileUnused(name, names, async () => await this.#placeAll(objects, job), { signal })
  }

  /** In rounds: what some nodes refused goes to others in the next, until nobody is left to ask. */
  async #placeAll (objects: NewObject[], job: Job): Promise<Placed[]> {
    const placed = new Map<ObjectId, Placed>()
    const refusals = new Map<NodeId, CloudError>() // by node, the latest
    let left = objects
    try {
      while (left.length > 0) {
        const offers = await mapConcurrently([...this.#shares(left, job, refusals)], WIDTH,
          async ([node, share]) => await this.#offer(node, share, job, refusals))
        for (const { there } of offers) for (const one of there) placed.set(one.object.id, one)
        const failure = offers.find(offer => offer.failure !== undefined)?.failure
        if (failure !== undefined) throw failure
        throwIfAborted(job.signal)
        left = offers.flatMap(({ refused }) => refused)
      }
    } catch (error) {
      const silent = await this.#takeBack([...placed.values()])
      if (silent.length === 0 || !isCloudError(error) || isCloudError(error, ...UNKNOWN_OUTCOMES)) throw error
      throw notAllTakenBack(error, silent)
    }
    return objects.map(({ id }) => placed.get(id) as Placed)
  }

  /**
   * Who is offered what: by the room that nodes have told of; where that is not enough, also those who may have more by
   * now. Rejects when all of them have refused.
   */
  #shares (objects: NewObject[], job: Job, refusals: Refusals): Map<NodeId, NewObject[]> {
    const candidates = shuffled(this.#random, this.#candidates(job, refusals))
    const room = candidates.reduce((sum, candidate) => sum + Math.max(0, candidate.room), 0)
    const hopeful = room >= objects.length
      ? candidates
      : candidates.map(candidate => {
        return refusals.has(candidate.id) ? candidate : { ...candidate, room: Number.POSITIVE_INFINITY }
      })
    let at = 0
    const shares = new Map(
      [...spread(hopeful, objects.length)].map(([node, count]) => [node, objects.slice(at, at += count)]))
    if (at < objects.length) throw nobodyLeft(objects.length - at, refusals)
    return shares
  }

  #candidates ({ on, spec: { program } }: Job, refusals: Refusals): Candidate[] {
    const { clock, membership } = this.#ports
    const known = membership.nodes()
    this.#recent.keepOnly(new Set(known.map(({ id }) => id)))
    const nodes = on === undefined ? known : resolvePlace(known, on)
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
    const there: Placed[] = []
    for (let at = 0; at < share.length; at += BATCH_MAX) {
      const batch = share.slice(at, at + BATCH_MAX)
      const placed = batch.map((object): Placed => ({ object, node }))
      try {
        await this.#host(node, batch, job)
      } catch (error) {
        if (!isCloudError(error, ...REFUSALS)) return { there: [...there, ...placed], refused: [], failure: error }
        refusals.set(node, error)
        return { there, refused: share.slice(at) }
      }
      this.#recent.add(node, batch.length, this.#ports.clock.monotonicMs())
      there.push(...placed)
    }
    return { there, refused: [] }
  }

  /**
   * A node that falls silent may have taken the objects all the same: it is asked once more, which does no harm. If
   * that fails too they must not run under the same ids elsewhere, so that the call fails rather than tries others.
   */
  async #host (node: NodeId, objects: NewObject[], { cp, spec, signal }: Job): Promise<void> {
    const ask = async (): Promise<unknown> => {
      return await this.#ports.calls.at(node).host({ cp, spec, objects }, { timeoutMs: HOST_TIMEOUT_MS, signal })
    }
    try {
      await ask()
    } catch (first) {
      if (!isCloudError(first, 'ECONNRESET', 'ETIMEDOUT')) throw first
      try {
        await ask()
      } catch (second) {
        if (!isCloudError(second, 'ECONNRESET', 'EHOSTDOWN', 'EHOSTUNREACH')) throw second
        const message = `Node ${node} fell silent while it took objects; ` +
          'whether they run there shows when it answers again.'
        throw new CloudError('ETIMEDOUT', message, { fields: { node } })
      }
    }
  }

  /**
   * Ends and forgets what was placed, or may have been, for a call that then failed. The caller's signal is no concern
   * of this: it may be the very reason. Resolves with the nodes that may keep some, since they do not answer.
   */
  async #takeBack (placed: readonly Placed[]): Promise<NodeId[]> {
    const { log } = this.#ports
    const silent = new Set<NodeId>()
    await mapConcurrently(placed, WIDTH, async ({ object: { id }, node }) => {
      if (silent.has(node)) return // each of its objects would cost the same wait
      try {
        await this.#end(node, id)
      } catch (error) {
        if (!isCloudError(error)) throw error
        silent.add(node)
        log.warn('placement.objects_not_taken_back', { node, code: error.code })
      }
    })
    return [...silent]
  }

  async #end (node: NodeId, id: ObjectId): Promise<void> {
    const { kill, remove } = this.#ports.calls.at(node)
    try {
      await kill({ id, graceMs: 0 }, { timeoutMs: TAKE_BACK_TIMEOUT_MS })
      await remove({ id }, { timeoutMs: TAKE_BACK_TIMEOUT_MS })
    } catch (error) {
      if (!isCloudError(error, 'ENOENT')) throw error // it never got there
    }
  }
}

/** A node that refuses for want of room says how much it has; one that refuses for other reasons has none. */
function roomLeft ({ code, fields: { room } }: CloudError): number {
  return code === 'EAGAIN' && typeof room === 'number' ? room : 0
}

function nobodyLeft (count: number, refusals: Refusals): CloudError {
  const [first] = refusals.values()
  if (refusals.size === 1 && first !== undefined) return first
  const reasons = [...refusals].slice(0, 20).map(([node, { message }]) => `${node}: ${message}`)
  const message = `No node has room for ${count} more; wait for objects to end, or add nodes.`
  return new CloudError('EAGAIN', message, { fields: { count, reasons } })
}

function notAllTakenBack (cause: CloudError, silent: NodeId[]): CloudError {
  const message = `The objects could not all be placed (${cause.code}), and nodes fell silent before what they had ` +
    'taken was taken back; whether it runs there shows when they answer again.'
  return new CloudError('ETIMEDOUT', message, { fields: { silent: silent.slice(0, 20) }, cause })
}
