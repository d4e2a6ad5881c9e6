import { mapConcurrently, repeat, sleep } from '@welkin/async'
import {
  ignoreFault, isCloudError, shuffled, type BlobId, type Cancel, type NodeId, type ObjectId
} from '@welkin/interface'
import type { Beginning, Resident } from '../../residents.ts'
import type { Checkpoints } from './checkpoints.ts'
import { capture } from './manner.ts'
import type { MigrationOptions } from './options.ts'
import type { MigrationPorts } from './ports.ts'
import { recordFor } from './record-for.ts'

const WIDTH = 8
const PLACES_MAX = 64
/** On the shelf of an object's own node: a keeper may still be fetching the last but one. */
const CHECKPOINTS_MAX = 2

interface Guard {
  /** Monotonic; until then a keeper has let it run. */
  untilMs: number
  dueMs: number
  /** A checkpoint is on its way. */
  isBusy: boolean
  /** It was made to stand still; for who has no leash. */
  release: Cancel | undefined
  lapse: Cancel
}

/** This node's objects whose checkpoints others keep: they run here as long as a keeper lets them; see `lease.ts`. */
export class Guarding {
  readonly #ports: MigrationPorts
  readonly #options: MigrationOptions
  readonly #checkpoints: Checkpoints
  readonly #guards = new Map<ObjectId, Guard>()
  /** What is on the shelf for each object. */
  readonly #shelved = new Map<ObjectId, readonly BlobId[]>()
  #cancel: Cancel = () => {}

  constructor (ports: MigrationPorts, options: MigrationOptions, checkpoints: Checkpoints) {
    this.#ports = ports
    this.#options = options
    this.#checkpoints = checkpoints
  }

  start (): void {
    this.#cancel = repeat(this.#ports.clock, this.#options.leaseMs / 4, async () => await this.#round(), 100)
  }

  stop (): void {
    this.#cancel()
    for (const { lapse } of this.#guards.values()) lapse()
  }

  /** Whether an object that comes may run here: a keeper says so, where it has any. */
  async admits ({ record }: Resident): Promise<boolean> {
    return record.keepers === undefined || await this.#ask(record) === 'run'
  }

  /** An earlier life of this node had it: it waits until a keeper lets it run, or has it elsewhere. */
  async judge (object: Resident): Promise<Beginning | 'gone'> {
    const { clock, objects } = this.#ports
    const { record } = object
    if (record.keepers === undefined) return { again: true }
    const found = await objects.driverOf(object).recover(record.id, record.attempt).catch(ignoreFault)
    const hasEnded = found !== undefined && found !== null && !('ended' in found)
    const isLost = found === undefined || found === null || (hasEnded && found.exit.kind === 'lost')
    if (hasEnded && !isLost) return { again: true }
    for (;;) {
      // What is lost here is not asked for: its keepers go on with it.
      const answer = await this.#ask(record, isLost)
      if (typeof answer === 'object') {
        await this.#leaveTo(object, answer.node)
        return 'gone'
      }
      if (answer === 'run' && !isLost) return { again: true }
      await sleep(clock, this.#options.leaseMs / 4)
    }
  }

  async #round (): Promise<void> {
    const kept = [...this.#ports.objects.all()].filter(({ record }) => record.spec.checkpoints !== undefined)
    for (const id of this.#shelved.keys()) {
      if (!kept.some(({ record, hasEnded }) => record.id === id && !hasEnded)) void this.#clearShelf(id)
    }
    for (const id of this.#guards.keys()) {
      if (kept.some(({ record }) => record.id === id)) continue
      this.#guards.get(id)?.lapse()
      this.#guards.delete(id)
    }
    await Promise.all(kept.map(async object => {
      try {
        if (object.hasEnded) await this.#end(object)
        else if (object.task !== undefined) await this.#tend(object)
      } catch (error) {
        if (!isCloudError(error)) throw error
        this.#ports.log.debug('migration.not_guarded', { object: object.record.id, code: error.code })
      }
    }))
  }

  async #tend (object: Resident): Promise<void> {
    const { clock } = this.#ports
    const { record } = object
    const guard = this.#guardOf(object)
    if (record.keepers === undefined) {
      const keepers = this.#choose(record.spec.checkpoints?.copies ?? 0)
      if (keepers.length === 0) return
      Object.assign(record, { keepers, places: record.places ?? [] })
      await object.keep()
      this.#extend(object, guard, clock.monotonicMs() + this.#options.leaseMs)
    }
    const sinceMs = clock.monotonicMs()
    if (!guard.isBusy && sinceMs >= guard.dueMs && record.departure === undefined && record.arrival === undefined) {
      guard.isBusy = true
      void this.#put(object, guard).catch(ignoreFault).finally(() => { guard.isBusy = false })
    }
    const answer = await this.#ask(record)
    if (typeof answer === 'object') await this.#leaveTo(object, answer.node)
    else if (answer === 'run') this.#extend(object, guard, sinceMs + this.#options.leaseMs)
  }

  /** Takes a checkpoint, and has all keepers keep it. */
  async #put (object: Resident, guard: Guard): Promise<void> {
    const { calls, clock } = this.#ports
    const { record } = object
    const { everyMs = 0 } = record.spec.checkpoints ?? {}
    guard.dueMs = clock.monotonicMs() + everyMs
    const { checkpoint } = await this.#checkpoints.take(object, { spare: true })
    await this.#shelve(record.id, checkpoint)
    const { epoch = 0, keepers = [], places = [] } = record
    await mapConcurrently(keepers, WIDTH, async keeper => {
      const put = {
        object: record.id, epoch, places: [...places], keepers: [...keepers], checkpoint,
        leaseMs: this.#options.leaseMs, record: recordFor(this.#ports, record, keeper)
      }
      await calls.at(keeper).keep.put(put, { timeoutMs: 6 * this.#options.patienceMs }).catch(ignoreFault)
    })
  }

  /** Its last few stay on the shelf. Those of an earlier life were swept at the start. */
  async #shelve (id: ObjectId, checkpoint: BlobId): Promise<void> {
    const all = [...this.#shelved.get(id) ?? [], checkpoint]
    this.#shelved.set(id, all.slice(-CHECKPOINTS_MAX))
    for (const old of all.slice(0, -CHECKPOINTS_MAX)) await this.#checkpoints.shelf.drop(old)
  }

  async #clearShelf (id: ObjectId): Promise<void> {
    const all = this.#shelved.get(id) ?? []
    this.#shelved.delete(id)
    for (const checkpoint of all) await this.#checkpoints.shelf.drop(checkpoint)
  }

  /** What the keepers say; of `end`, who has it. One that lets it run is enough. */
  async #ask (
    { id, epoch = 0, keepers = [], places = [] }: Resident['record'], ask = false
  ): Promise<'run' | 'wait' | { node: NodeId }> {
    const { calls } = this.#ports
    const answers = await mapConcurrently(keepers, WIDTH, async keeper => {
      const timeoutMs = this.#options.leaseMs / 4
      return await calls.at(keeper).keep.renew({ object: id, epoch, places: [...places], ask }, { timeoutMs })
        .catch(ignoreFault)
    })
    const end = answers.find(answer => answer?.may === 'end')
    if (end?.node !== undefined) return { node: end.node }
    return answers.some(answer => answer?.may === 'run') ? 'run' : 'wait'
  }

  #guardOf (object: Resident): Guard {
    const { id } = object.record
    const known = this.#guards.get(id)
    if (known !== undefined) return known
    const guard: Guard = { untilMs: 0, dueMs: 0, isBusy: false, release: undefined, lapse: () => {} }
    this.#guards.set(id, guard)
    return guard
  }

  #extend (object: Resident, guard: Guard, untilMs: number): void {
    if (object.record.spec.checkpoints?.onFailure !== 'restore') return
    const { clock } = this.#ports
    const { task } = object
    const leftMs = untilMs - clock.monotonicMs()
    if (leftMs <= 0 || task === undefined) return
    guard.untilMs = untilMs
    guard.lapse()
    if (task.leash !== undefined) {
      void task.leash(leftMs).catch(ignoreFault)
      return
    }
    guard.lapse = clock.after(leftMs, () => { void this.#standStill(object, guard) })
    if (guard.release === undefined) return
    guard.release()
    guard.release = undefined
    void task.resume?.().catch(ignoreFault)
  }

  async #standStill (object: Resident, guard: Guard): Promise<void> {
    const { task } = object
    if (task === undefined || guard.release !== undefined) return
    guard.release = object.hold()
    await capture(task, true).catch(ignoreFault)
  }

  async #leaveTo (object: Resident, node: NodeId): Promise<void> {
    const { events, locator, log, objects } = this.#ports
    const { id } = object.record
    if (objects.rightsOf(id) === undefined) return
    log.info('migration.superseded', { object: id, by: node })
    const guard = this.#guards.get(id)
    guard?.lapse()
    this.#guards.delete(id)
    locator.leftFor(id, node)
    await objects.depart(object, node)
    guard?.release?.()
    events.emit('objectSuperseded', { object: id, by: node })
  }

  async #end (object: Resident): Promise<void> {
    const { calls } = this.#ports
    const { record } = object
    const { id, epoch = 0, keepers } = record
    if (keepers === undefined) return
    const options = { timeoutMs: this.#options.patienceMs }
    const told = await mapConcurrently(keepers, WIDTH, async keeper =>
      await calls.at(keeper).keep.end({ object: id, epoch }, options).catch(ignoreFault))
    if (told.some(answer => answer === undefined || answer === null)) return
    record.keepers = undefined
    await object.keep()
  }

  /** Nodes of other racks first, others where there are none. */
  #choose (count: number): NodeId[] {
    const { others, random, zone } = this.#ports
    const nodes = shuffled(random, [...others()])
    const [near, far] = [nodes.filter(node => node.zone === zone), nodes.filter(node => node.zone !== zone)]
    return [...far, ...near].slice(0, count).map(({ id }) => id)
  }
}

/** An object that goes on here after it was elsewhere, by a move that it came back from, goes by a place of its own. */
export function comeBack (record: Resident['record'], target: NodeId): void {
  if (record.keepers === undefined) return
  const { epoch = 0, places = [] } = record
  record.epoch = epoch + 2
  record.places = [...places, { node: target, epoch: epoch + 1 }].slice(-PLACES_MAX)
}
