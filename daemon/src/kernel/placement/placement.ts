import type { NodeQuery, ObjectSpec, PlacementExplanation } from '@welkin/abi'
import { mapConcurrently } from '@welkin/async'
import {
  CloudError, isCloudError, throwIfAborted, type Clock, type CloudProcessId, type Logger, type Membership, type NodeId,
  type ObjectId, type Random
} from '@welkin/interface'
import type { Access, Caller, Calls } from '../../dispatch/index.ts'
import { allocate } from './allocate.ts'
import { candidatesOf, type CandidateContext } from './candidates.ts'
import { Explanation } from './explanation.ts'
import { Names } from './names.ts'
import { Pool, type Find } from './pool.ts'
import { RecentPlacements } from './recent.ts'

const HOST_TIMEOUT_MS = 30_000
const RESERVE_TIMEOUT_MS = 5000
/** Longer than all other nodes may take to reserve theirs, and to be asked to take them. */
const RESERVATION_MS = 30_000
const TAKE_BACK_TIMEOUT_MS = 10_000
const WIDTH = 32
/** Nodes that have told that they are full and are asked all the same, for one job: what they told may be old. */
const HOPES_MAX = 16
/** By these a node says that it did not take the objects; others may. */
const REFUSALS = ['EAGAIN', 'ENOSYS', 'ENOSPC', 'EIO', 'EHOSTDOWN', 'EHOSTUNREACH', 'ESTALE'] as const
/** The same of a reservation, which lapses by itself where its answer was lost. */
const NOT_RESERVED = [...REFUSALS, 'ETIMEDOUT', 'ECONNRESET'] as const
/** By these a call says that it does not know what became of what it asked for. */
const UNKNOWN_OUTCOMES = ['ETIMEDOUT', 'ECONNRESET', 'ECANCELED'] as const
/** Objects in one request, so that it fits into a frame: what `host` takes at the most. */
const BATCH_MAX = 10_000

export interface PlacementPorts {
  clock: Clock
  random: Random
  log: Logger
  access: Access
  calls: Calls
  membership: Membership
  find: Find
}

export interface NewObject { id: ObjectId, name?: string | undefined }
export interface Placed { object: NewObject, node: NodeId }

/**
 * What is to be placed, and by whose wish. `name`: what the objects' names derive from; `on`: a node or zone; `query`:
 * which nodes may be chosen, in which order, and how spread.
 */
export interface Job {
  name: string | undefined
  on: string | undefined
  query: NodeQuery
  cp: CloudProcessId
  spec: ObjectSpec
  /** Who wishes it, and by whose right. */
  caller: Caller
  signal: AbortSignal
}

type Refusals = Map<NodeId, CloudError>

/** What a node is to take; with room that it has kept for them, unless it was not asked. */
interface Share { node: NodeId, objects: NewObject[], reservation: ObjectId | undefined }

/**
 * What became of one share. `there`: what the node has taken, and (after a failure) what it may have taken without
 * having said so; `failure`: what ends the whole call.
 */
interface Offer { there: Placed[], refused: NewObject[], failure?: unknown }

/** One job on its way; `hopes` counts nodes that were asked though they had told of no room. */
interface Placing { job: Job, pool: Pool, refusals: Refusals, explanation: Explanation, hopes: number }

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
  async place (objects: NewObject[], job: Job): Promise<{ placed: Placed[], explanation: PlacementExplanation }> {
    const { name, signal } = job
    if (name === undefined) return await this.#placeAll(objects, job)
    const names = objects.flatMap(object => object.name ?? [])
    return await this.#names.whileUnused(name, names, async () => await this.#placeAll(objects, job), { signal })
  }

  /** In rounds: what some nodes refused goes to others in the next, until nobody is left to ask. */
  async #placeAll (
    objects: NewObject[], job: Job
  ): Promise<{ placed: Placed[], explanation: PlacementExplanation }> {
    const pool = new Pool({ ...this.#ports, random: this.#random }, job, objects.length)
    const placing: Placing = { job, pool, refusals: new Map(), explanation: new Explanation(pool.query), hopes: 0 }
    const placed = new Map<ObjectId, Placed>()
    let left = objects
    try {
      while (left.length > 0) {
        const shares = await this.#reserveAll(left, placing)
        const offers = await mapConcurrently(shares, WIDTH, async share => await this.#offer(share, placing))
        for (const { there } of offers) for (const one of there) placed.set(one.object.id, one)
        const failure = offers.find(offer => offer.failure !== undefined)?.failure
        if (failure !== undefined) throw failure
        throwIfAborted(job.signal)
        left = offers.flatMap(({ refused }) => refused)
      }
    } catch (error) {
      const silent = await this.#takeBack([...placed.values()], job.caller)
      if (silent.length === 0 || !isCloudError(error) || isCloudError(error, ...UNKNOWN_OUTCOMES)) throw error
      throw notAllTakenBack(error, silent)
    }
    const explanation = placing.explanation.tell(placing.refusals)
    return { placed: objects.map(({ id }) => placed.get(id) as Placed), explanation }
  }

  /**
   * Who shall take what. Where it takes several nodes each is asked to keep the room first, so that nothing is started
   * that cannot be placed whole; one node alone decides when it is asked to take them. Rejects when all have refused.
   */
  async #reserveAll (objects: NewObject[], placing: Placing): Promise<Share[]> {
    const reserved: Share[] = []
    let left = objects
    try {
      while (left.length > 0) {
        const shares = await this.#shares(left, placing)
        if (reserved.length === 0 && shares.length === 1) return shares
        const answers = await mapConcurrently(shares, WIDTH, async share => await this.#reserve(share, placing))
        reserved.push(...answers.flatMap(({ share }) => share ?? []))
        throwIfAborted(placing.job.signal)
        left = answers.flatMap(answer => answer.left)
      }
      return reserved
    } catch (error) {
      await this.#release(reserved)
      throw error
    }
  }

  /**
   * Shares by the room that nodes have told of; where that is not enough, more nodes are looked for, and then a few are
   * tried that may have more room by now. Rejects when these have refused too.
   */
  async #shares (objects: NewObject[], placing: Placing): Promise<Share[]> {
    const { pool, explanation, refusals } = placing
    for (let hopeful = false; ;) {
      explanation.found(await pool.found())
      const candidates = candidatesOf(pool.nodes(), this.#context(placing, objects.length, hopeful))
      let at = 0
      const shares = Array.from(allocate(candidates, objects.length), ([node, count]): Share => {
        return { node, objects: objects.slice(at, at += count), reservation: undefined }
      })
      if (hopeful) placing.hopes += shares.length
      if (at === objects.length) return shares
      if (!pool.whole) await pool.widen()
      else if (!hopeful && placing.hopes < HOPES_MAX) hopeful = true
      else throw nobodyLeft(objects.length - at, refusals)
    }
  }

  #context ({ job: { spec }, pool: { query }, refusals }: Placing, count: number, hopeful: boolean): CandidateContext {
    const nowMs = this.#ports.clock.monotonicMs()
    return {
      query, spec, count, hopeful,
      recent: ({ id, ageMs }) => this.#recent.countSince(id, nowMs - ageMs),
      refusedRoom: node => {
        const refusal = refusals.get(node)
        return refusal === undefined ? undefined : roomLeft(refusal)
      }
    }
  }

  /** What of a share its node keeps room for, and what is left. */
  async #reserve (
    { node, objects }: Share, { job, refusals, explanation }: Placing
  ): Promise<{ share: Share | undefined, left: NewObject[] }> {
    const { program: { driver }, isolation, limits, network } = job.spec
    try {
      const { reservation, granted, why } = await this.#ports.calls.at(node, job.caller).reserve(
        {
          driver, limits, count: objects.length, ttlMs: RESERVATION_MS,
          ...isolation === undefined ? {} : { isolation }, ...network === undefined ? {} : { network }
        },
        { timeoutMs: RESERVE_TIMEOUT_MS, signal: job.signal })
      if (granted < objects.length) {
        refusals.set(node, noRoom(node, granted, why ?? 'it is full'))
        explanation.asked(node, objects.length - granted, 0)
      }
      const share = reservation === undefined ? undefined : { node, objects: objects.slice(0, granted), reservation }
      return { share, left: objects.slice(granted) }
    } catch (error) {
      if (!isCloudError(error, ...NOT_RESERVED)) throw error
      refusals.set(node, error)
      explanation.asked(node, objects.length, 0)
      return { share: undefined, left: objects }
    }
  }

  /** Room that is not needed after all; what is not given up now lapses. */
  async #release (shares: readonly Share[]): Promise<void> {
    await mapConcurrently(shares, WIDTH, async ({ node, reservation }) => {
      if (reservation === undefined) return
      try {
        await this.#ports.calls.at(node).release({ reservation }, { timeoutMs: RESERVE_TIMEOUT_MS })
      } catch (error) {
        if (!isCloudError(error)) throw error
        this.#ports.log.debug('placement.room_not_released', { node, code: error.code })
      }
    })
  }

  async #offer ({ node, objects, reservation }: Share, { job, refusals, explanation }: Placing): Promise<Offer> {
    const there: Placed[] = []
    for (let at = 0; at < objects.length; at += BATCH_MAX) {
      const batch = objects.slice(at, at + BATCH_MAX)
      const placed = batch.map((object): Placed => ({ object, node }))
      try {
        await this.#host(node, batch, reservation, job)
      } catch (error) {
        if (!isCloudError(error, ...REFUSALS)) return { there: [...there, ...placed], refused: [], failure: error }
        refusals.set(node, error)
        explanation.asked(node, objects.length - at, 0)
        return { there, refused: objects.slice(at) }
      }
      this.#recent.add(node, batch.length, this.#ports.clock.monotonicMs())
      explanation.asked(node, batch.length, batch.length)
      there.push(...placed)
    }
    return { there, refused: [] }
  }

  /**
   * A node that falls silent may have taken the objects all the same: it is asked once more, which does no harm. If
   * that fails too they must not run under the same ids elsewhere, so that the call fails rather than tries others.
   */
  async #host (
    node: NodeId, objects: NewObject[], reservation: ObjectId | undefined, { caller, cp, spec, signal }: Job
  ): Promise<void> {
    const { access, calls } = this.#ports
    const chain = [...access.chainOfObjects(node, caller, cp, spec.can ?? [])]
    const request = {
      cp, spec, objects, ...reservation === undefined ? {} : { reservation }, ...chain.length === 0 ? {} : { chain }
    }
    const ask = async (): Promise<unknown> => {
      return await calls.at(node, caller).host(request, { timeoutMs: HOST_TIMEOUT_MS, signal })
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
  async #takeBack (placed: readonly Placed[], caller: Caller): Promise<NodeId[]> {
    const { log } = this.#ports
    const silent = new Set<NodeId>()
    await mapConcurrently(placed, WIDTH, async ({ object: { id }, node }) => {
      if (silent.has(node)) return // each of its objects would cost the same wait
      try {
        await this.#end(node, id, caller)
      } catch (error) {
        if (!isCloudError(error)) throw error
        silent.add(node)
        log.warn('placement.objects_not_taken_back', { node, code: error.code })
      }
    })
    return [...silent]
  }

  async #end (node: NodeId, id: ObjectId, caller: Caller): Promise<void> {
    const { kill, remove } = this.#ports.calls.at(node, caller)
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

function noRoom (node: NodeId, room: number, why: string): CloudError {
  const fields = { node, room: 0, granted: room }
  return new CloudError('EAGAIN', `This node has no room for more: ${why}.`, { fields })
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
