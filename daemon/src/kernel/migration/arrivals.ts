import { backOffMs, mapConcurrently, repeat, sleep } from '@welkin/async'
import type { ArgsOf } from '@welkin/syscalls'
import {
  CloudError, ignoreFault, isCloudError, type BlobId, type Cancel, type NodeId, type ObjectId
} from '@welkin/interface'
import { resourceNames, type Caller } from '../../dispatch/index.ts'
import type { Beginning, ObjectRecord, Resident } from '../../residents.ts'
import { ArrivingState, type WholeState } from './arriving-state.ts'
import { discard } from './belongings.ts'
import type { MigrationMetrics } from './metrics.ts'
import type { MigrationOptions } from './options.ts'
import type { MigrationPorts } from './ports.ts'
import { targetAfter, type TargetDeed, type TargetEvent, type TargetState } from './protocol.ts'

/** A reservation outlasts what it waits for; what lapses gives it up. */
const ROOM_MS = 3_600_000
const WIDTH = 8

type Offer = ArgsOf<'move.offer'>['record']

/** An object that comes. */
interface Coming {
  readonly move: string
  readonly source: NodeId
  readonly record: ObjectRecord
  readonly reservation: ObjectId
  state: TargetState
  readonly arriving: ArrivingState
  lapse: Cancel
  /** Settles when it was begun, or could not be. */
  taken: Promise<boolean> | undefined
}

/** Objects that come to this node: the target of `protocol.ts`. */
export class Arrivals {
  readonly #ports: MigrationPorts
  readonly #options: MigrationOptions
  readonly #metrics: MigrationMetrics
  readonly #admits: (object: Resident) => Promise<boolean>
  readonly #coming = new Map<ObjectId, Coming>()
  readonly #cancels: Cancel[] = []
  /** Asked whether they have it still. */
  readonly #asking = new Set<ObjectId>()

  constructor (
    ports: MigrationPorts, options: MigrationOptions, metrics: MigrationMetrics,
    admits: (object: Resident) => Promise<boolean>
  ) {
    this.#admits = admits
    this.#ports = ports
    this.#options = options
    this.#metrics = metrics
  }

  /** Keeps room for it. Throws EACCES, EEXIST, EBUSY, EAGAIN, ENOSYS. */
  offer (move: string, source: NodeId, offered: Offer, caller: Caller): void {
    const { access, objects } = this.#ports
    const record = this.#recordOf(move, source, offered)
    const { id, rights, spec } = record
    const resource = { owner: rights?.owner, names: resourceNames(record) }
    if (!access.maySee(caller, 'processes.migrate', resource)) {
      throw new CloudError('EACCES', `Whoever asks may not move object ${id}.`, { fields: { object: id } })
    }
    if (objects.rightsOf(id) !== undefined) {
      throw new CloudError('EEXIST', `Object ${id} is on this node already.`, { fields: { object: id } })
    }
    if (record.keepers?.includes(this.#ports.self) === true) {
      throw new CloudError('EAGAIN', `This node keeps the checkpoints of object ${id}; choose another.`)
    }
    const before = this.#coming.get(id)
    if (before?.state === 'taking') throw new CloudError('EBUSY', `Object ${id} is just being taken over here.`)
    if (before !== undefined) this.#hear(before, 'drop')
    this.#checkDriver(record)
    const { program: { driver }, limits, isolation, network } = spec
    const { reservation, why } = objects.reserve({ driver, limits, isolation, network, count: 1, ttlMs: ROOM_MS })
    if (reservation === undefined) throw new CloudError('EAGAIN', `This node has no room for it: ${why}.`)
    const coming: Coming = {
      move, source, record, reservation, state: 'none', arriving: new ArrivingState(this.#ports, record),
      lapse: () => {}, taken: undefined
    }
    this.#coming.set(id, coming)
    this.#hear(coming, 'expected')
    this.#stay(coming)
  }

  /** Which of these pages are not here, by their places; those that are not among them are forgotten. */
  lacks (move: string, id: ObjectId, pages: readonly BlobId[], caller: Caller): number[] {
    return this.#expected(move, id, caller).arriving.lacks(pages)
  }

  /** Takes pages that were lacking; gives how many there are. Rejects EINVAL for any other, ESTALE. */
  async take (move: string, id: ObjectId, input: AsyncIterable<Uint8Array>, caller: Caller): Promise<number> {
    const { arriving } = this.#expected(move, id, caller)
    return await arriving.takePages(this.#whileExpected(move, id, input, caller))
  }

  /** The whole state: makes it ready. Rejects as the driver does, ENOENT (a page is missing). */
  async complete (state: ArgsOf<'move.state'>, caller: Caller): Promise<void> {
    await this.#makeReady({ ...state, tail: [] }, caller, false)
  }

  /** The same by what has changed since the last state, with its pages; it may be that the object runs on. */
  async ready (
    { move, object: id, runsOn, ...change }: ArgsOf<'move.ready'>, input: AsyncIterable<Uint8Array>, caller: Caller
  ): Promise<void> {
    const { arriving } = this.#expected(move, id, caller)
    const state = arriving.wholeOf(change)
    await arriving.takePages(this.#whileExpected(move, id, input, caller), change)
    await this.#makeReady({ move, object: id, ...state }, caller, runsOn)
  }

  async #makeReady (
    { move, object: id, ...state }: WholeState & { move: string, object: ObjectId }, caller: Caller, runsOn: boolean
  ): Promise<void> {
    const coming = this.#expected(move, id, caller)
    try {
      await coming.arriving.makeReady(state, () => this.#expected(move, id, caller))
      this.#expected(move, id, caller)
    } catch (error) {
      this.#discard(id)
      throw error
    }
    if (!runsOn) this.#hear(coming, 'completed')
  }

  async * #whileExpected<T> (
    move: string, id: ObjectId, input: AsyncIterable<T>, caller: Caller
  ): AsyncGenerator<T> {
    const coming = this.#expected(move, id, caller)
    for await (const item of input) {
      if (this.#expected(move, id, caller) !== coming) throw gone(id)
      yield item
    }
  }

  /** Told to take it over: whether it is here now, and runs. Rejects EAGAIN while that is not known. */
  async takeOver (move: string, id: ObjectId, caller: Caller): Promise<boolean> {
    const coming = this.#coming.get(id)
    if (coming?.move !== move) {
      if (!this.#asking.has(id)) return this.#ports.objects.rightsOf(id) !== undefined
      throw new CloudError('EAGAIN', `It is just being asked whether object ${id} is here.`)
    }
    if (!isFrom(caller, coming.source)) throw notFromSource(id)
    const { state } = coming
    if (state === 'expecting') {
      this.#hear(coming, 'take')
      return false
    }
    if (this.#hear(coming, 'take') === 'begin') coming.taken = this.#begin(coming)
    return await coming.taken ?? false
  }

  /** What has come is of no use any more; or, `settled`, its source has forgotten that it went. */
  async drop (move: string, id: ObjectId, settled: boolean, caller: Caller): Promise<void> {
    const coming = this.#coming.get(id)
    if (coming?.move === move && isFrom(caller, coming.source) && !settled) this.#hear(coming, 'drop')
    if (!settled || this.#ports.objects.rightsOf(id) === undefined) return
    const object = this.#ports.objects.get(id)
    const { arrival } = object.record
    if (arrival?.move === move && isFrom(caller, arrival.source)) await object.settle()
  }

  /** An earlier life of this node took it over: whether it is here still, and what became of it. */
  async judge (object: Resident): Promise<Beginning | 'gone'> {
    const { objects } = this.#ports
    const { arrival, attempt, id } = object.record
    if (arrival === undefined) return { again: true }
    const found = await objects.driverOf(object).recover(id, attempt).catch(ignoreFault)
    if (found !== undefined && found !== null && 'ended' in found) return { again: true }
    this.#asking.add(id)
    try {
      return await this.#ask(object, arrival)
    } finally {
      this.#asking.delete(id)
    }
  }

  start (): void {
    this.#cancels.push(repeat(this.#ports.clock, this.#options.againMsMax, async () => await this.#settle()))
  }

  /** Lets go of all that comes. */
  stop (): void {
    for (const cancel of this.#cancels.splice(0)) cancel()
    for (const { lapse } of this.#coming.values()) lapse()
  }

  async #ask (object: Resident, { move, source }: { move: string, source: NodeId }): Promise<Beginning | 'gone'> {
    const { calls, clock, log, objects, random } = this.#ports
    const { id } = object.record
    const { againMs: firstMs, againMsMax: maxMs, patienceMs: timeoutMs } = this.#options
    for (let tries = 0; object.record.arrival !== undefined; tries++) {
      try {
        const { held } = await calls.at(source).move.held({ move, object: id, lost: true }, { timeoutMs })
        if (held) {
          await objects.depart(object, source)
          return 'gone'
        }
        await object.settle()
      } catch (error) {
        if (!isCloudError(error)) throw error
        log.debug('migration.source_not_asked', { object: id, code: error.code })
        await sleep(clock, backOffMs({ firstMs, maxMs, factor: 2 }, tries, random))
      }
    }
    const reason = 'Its node failed just after it had come.'
    return { lost: { exit: { kind: 'lost', reason }, usage: {} } }
  }

  /** Where the source's word that it knows was lost, it is asked: until then the object goes nowhere else. */
  async #settle (): Promise<void> {
    const { calls, objects } = this.#ports
    const timeoutMs = this.#options.patienceMs
    const fresh = [...objects.all()]
      .filter(({ record: { arrival, id } }) => arrival !== undefined && !this.#asking.has(id))
    await mapConcurrently(fresh, WIDTH, async object => {
      const { record: { arrival, id } } = object
      try {
        if (arrival === undefined) return
        const question = { move: arrival.move, object: id, lost: false }
        const { held } = await calls.at(arrival.source).move.held(question, { timeoutMs })
        if (!held && object.record.arrival === arrival && object.task !== undefined) await object.settle()
      } catch (error) {
        ignoreFault(error)
      }
    })
  }

  async #begin (coming: Coming): Promise<boolean> {
    const { log, objects } = this.#ports
    const { arriving, record: { id }, reservation } = coming
    coming.lapse()
    try {
      if (!await this.#admits(arriving.object)) throw new CloudError('EAGAIN', 'No keeper lets it run here.')
      await arriving.outputKept()
      await objects.arrive(arriving.object, reservation, async () => await arriving.start())
      this.#hear(coming, 'begun')
      this.#metrics.arrived.add()
      return true
    } catch (error) {
      if (!isCloudError(error)) throw error
      log.warn('migration.not_begun', { object: id, code: error.code })
      this.#hear(coming, 'failed')
      return false
    } finally {
      if (this.#coming.get(id) === coming) this.#coming.delete(id)
    }
  }

  #hear (coming: Coming, event: TargetEvent): TargetDeed {
    const [state, deed] = targetAfter(coming.state, event)
    coming.state = state
    if (state === 'none') this.#forget(coming)
    return deed
  }

  #forget (coming: Coming): void {
    const { id } = coming.record
    coming.lapse()
    this.#ports.objects.release(coming.reservation)
    coming.arriving.discard()
    if (this.#coming.get(id) === coming) this.#coming.delete(id)
    this.#discard(id)
  }

  /** What came with it goes, unless it comes again already: then that takes its place. */
  #discard (id: ObjectId): void {
    if (this.#coming.has(id)) return
    void discard(this.#ports.carriers, id).catch(ignoreFault) // what is left goes at the next start
  }

  /** For so long nothing need be heard of it. */
  #stay (coming: Coming): void {
    coming.lapse()
    const { lapseMs } = this.#options
    coming.lapse = this.#ports.clock.after(coming.state === 'ready' ? 10 * lapseMs : lapseMs, () => {
      if (coming.state === 'expecting' || coming.state === 'ready') this.#hear(coming, 'drop')
    })
  }

  #expected (move: string, id: ObjectId, caller: Caller): Coming {
    const coming = this.#coming.get(id)
    if (coming?.move !== move || coming.state !== 'expecting') throw gone(id)
    if (!isFrom(caller, coming.source)) throw notFromSource(id)
    this.#stay(coming)
    return coming
  }

  #recordOf (move: string, source: NodeId, { chain, owner: told, name, ...offered }: Offer): ObjectRecord {
    const owner = this.#ports.access.ownerBy(chain) ?? told
    return {
      ...offered as Omit<Offer, 'spec'> & Pick<ObjectRecord, 'spec'>, name, killed: false, startedAtMs: undefined,
      endedAtMs: undefined, exit: undefined, outputs: [], arrival: { move, source },
      rights: owner === undefined ? undefined : { owner, chain }
    }
  }

  #checkDriver (record: ObjectRecord): void {
    this.#ports.objects.newcomer(record)
  }
}

function isFrom (caller: Caller, node: NodeId): boolean {
  return caller.kind === 'node' && caller.id === node
}

function notFromSource (id: ObjectId): CloudError {
  const message = `Only the node that object ${id} comes from can say this.`
  return new CloudError('EACCES', message, { fields: { object: id } })
}

function gone (id: ObjectId): CloudError {
  const message = `This node does not expect object ${id} by that move (any more); begin another.`
  return new CloudError('ESTALE', message, { fields: { object: id } })
}
