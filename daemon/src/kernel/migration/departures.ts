import { backOffMs, sleep } from '@welkin/async'
import {
  CloudError, ignoreFault, isCloudError, PAGE_BYTES, type Cancel, type NodeId, type ObjectId, type OutputPosition,
  type TaskCapture, type TaskOutput
} from '@welkin/interface'
import type { Caller } from '../../dispatch/index.ts'
import type { Beginning, EarlierPiece, Resident } from '../../residents.ts'
import { pack } from './belongings.ts'
import { notUnderWay, stale, stayed, taskOf, tooFast } from './errors.ts'
import { DownTime, type DownTold } from './down-time.ts'
import { comeBack } from './guarding.ts'
import { capture, mannerOfMove, type Manner } from './manner.ts'
import type { MigrationMetrics } from './metrics.ts'
import type { MigrationOptions } from './options.ts'
import { piecesSince, tailSince } from './output-pieces.ts'
import type { MigrationPorts } from './ports.ts'
import { sourceAfter, type SourceDeed, type SourceEvent, type SourceState } from './protocol.ts'
import { recordFor } from './record-for.ts'
import { afterRounds, type Patience, type Round } from './rounds.ts'
import { Sending, type Written } from './sending.ts'

/** An object on its way from this node. */
interface Leg {
  readonly move: string
  readonly object: Resident
  readonly target: NodeId
  readonly coordinator: NodeId
  readonly manner: Manner
  readonly sending: Sending
  rounds: Round[]
  state: SourceState
  /** What was written so far, and is a blob. */
  earlier: EarlierPiece[]
  release: Cancel
  lapse: Cancel
  readonly down: DownTime
  /** Settles when it is known where the object goes on. */
  readonly settled: Promise<'here' | 'gone'>
  settle: (where: 'here' | 'gone') => void
  /** While the first note is on its way to the disk. */
  noting: Promise<void> | undefined
}

export interface CopyRequest extends Patience {
  id: ObjectId
  move: string
  to: NodeId
  coordinator: NodeId
  restart: boolean
}

export interface CopyProgress { phase: 'reserved' | 'copying', round?: number, bytes?: number }

/** Objects that leave this node: the source of `protocol.ts`. */
export class Departures {
  readonly #ports: MigrationPorts
  readonly #options: MigrationOptions
  readonly #metrics: MigrationMetrics
  readonly #legs = new Map<ObjectId, Leg>()

  constructor (ports: MigrationPorts, options: MigrationOptions, metrics: MigrationMetrics) {
    this.#ports = ports
    this.#options = options
    this.#metrics = metrics
  }

  /** Whether the object is on its way. */
  has (id: ObjectId): boolean {
    return this.#legs.has(id)
  }

  /**
   * Has the target keep room, and what of the object's state changes little. Rejects ENOENT, ESRCH, ENOSYS, EBUSY (it
   * is on its way already), EAGAIN (it writes faster than can be copied), as the target does.
   */
  async * copy (request: CopyRequest, caller: Caller, signal: AbortSignal): AsyncGenerator<CopyProgress> {
    const leg = this.#begin(request)
    let isCopied = false
    try {
      await this.#offer(leg, caller, signal)
      yield { phase: 'reserved' }
      await this.#written(leg, await this.#outputOf(leg.object).size())
      if (leg.manner === 'live') yield * this.#preCopy(leg, request, signal)
      leg.lapse = this.#ports.clock.after(this.#options.lapseMs, () => { void this.#fail(leg) })
      isCopied = true
    } finally {
      if (!isCopied) await this.#fail(leg)
    }
  }

  /**
   * The object stands still, its whole state is at the target, and a note says so. `alone`: that decides the move, and
   * this resolves when it is over. Rejects ESTALE (no such move), ESRCH, and as the target does, with it going on here.
   */
  async stop (
    id: ObjectId, move: string, alone: boolean
  ): Promise<{ bytes: number, rounds: number } & DownTold> {
    const leg = this.#legOf(id, move)
    if (leg.state !== 'here') throw stale(id)
    leg.lapse()
    try {
      await this.#stopAndSend(leg)
      if ((leg.state as SourceState) !== 'still') throw stale(id) // it was taken back meanwhile
      leg.noting = this.#note(leg, alone)
      await leg.noting
    } catch (error) {
      await this.#fail(leg)
      throw error
    } finally {
      leg.noting = undefined
    }
    leg.down.reached('noteMs', this.#ports.clock.monotonicMs())
    void this.#hear(leg, alone ? 'decided' : 'offered')
    if (alone && await leg.settled === 'here') throw stayed(id, leg.target)
    if (!alone) leg.lapse = this.#ports.clock.after(this.#options.lapseMs, () => { void this.#askCoordinator(leg) })
    return { bytes: leg.sending.bytes, rounds: leg.rounds.length, ...leg.down.told() }
  }

  /** The coordinator's word; resolves when the object is gone, or goes on here. */
  async go (
    id: ObjectId, move: string, verdict: 'committed' | 'aborted'
  ): Promise<{ outcome: 'gone' | 'here' } & DownTold> {
    const leg = this.#legs.get(id)
    if (leg?.move !== move) return { outcome: this.#isHere(id) ? 'here' : 'gone' }
    leg.lapse()
    // A note that is on its way to the disk cannot be taken back: what it says holds.
    await leg.noting?.catch(ignoreFault)
    if (leg.state === 'offered') void this.#hear(leg, verdict)
    else if (verdict === 'aborted' && (leg.state === 'here' || leg.state === 'still')) await this.#fail(leg)
    return { outcome: await leg.settled, ...leg.down.told() }
  }

  /** Whether the object is here still, as far as that move goes. `lost`: the target has lost what it had taken. */
  async held (id: ObjectId, move: string, lost: boolean): Promise<boolean> {
    const leg = this.#legs.get(id)
    if (!lost) return leg?.move === move
    if (leg?.move === move && leg.state === 'gone') return false // its record is about to be
    if (leg?.move === move && leg.state === 'decided') await this.#hear(leg, 'returned')
    return this.#isHere(id)
  }

  /** An earlier life of this node had noted that the object was on its way: where it goes on. */
  async judge (object: Resident): Promise<Beginning | 'gone'> {
    const { departure } = object.record
    if (departure === undefined) return { again: true }
    const { move, target, coordinator } = departure
    const leg = this.#newLeg(object, { move, to: target, coordinator: coordinator ?? this.#ports.self }, 'live')
    leg.state = coordinator === undefined ? 'decided' : 'offered'
    leg.release = object.hold()
    void this.#hear(leg, 'restarted')
    if (await leg.settled === 'gone') return 'gone'
    const reason = 'It was handed over, and lost where it went; here nothing of it is left.'
    return { again: true, lost: { exit: { kind: 'lost', reason }, usage: {} } }
  }

  #isHere (id: ObjectId): boolean {
    return this.#ports.objects.rightsOf(id) !== undefined
  }

  #begin (request: CopyRequest): Leg {
    const { objects, self } = this.#ports
    const object = objects.get(request.id)
    if (this.#legs.has(request.id)) {
      throw new CloudError('EBUSY', `Object ${request.id} is on its way already.`, { fields: { object: request.id } })
    }
    if (object.record.arrival !== undefined) throw notUnderWay(object)
    if (request.to === self) throw new CloudError('EINVAL', `Object ${request.id} is on this node already.`)
    return this.#newLeg(object, request, mannerOfMove(object, objects.driverOf(object), request.restart))
  }

  #newLeg (
    object: Resident, { move, to, coordinator }: Pick<CopyRequest, 'move' | 'to' | 'coordinator'>, manner: Manner
  ): Leg {
    let settle = (_where: 'here' | 'gone'): void => {}
    const settled = new Promise<'here' | 'gone'>(resolve => { settle = resolve })
    const leg: Leg = {
      move, object, target: to, coordinator, manner, state: 'here', rounds: [], settled, settle,
      sending: new Sending(this.#ports, to, { move, object: object.record.id }, this.#options.patienceMs),
      earlier: [...object.record.earlier ?? []], release: () => {}, lapse: () => {},
      down: new DownTime(), noting: undefined
    }
    this.#legs.set(object.record.id, leg)
    return leg
  }

  #legOf (id: ObjectId, move: string): Leg {
    const leg = this.#legs.get(id)
    if (leg?.move !== move) throw stale(id)
    return leg
  }

  async #offer ({ move, object, target, manner }: Leg, caller: Caller, signal: AbortSignal): Promise<void> {
    const { calls, self } = this.#ports
    const record = recordFor(this.#ports, object.record, target)
    if (manner === 'restart') record.attempt++
    const options = { timeoutMs: this.#options.patienceMs, signal }
    await calls.at(target, caller).move.offer({ move, source: self, record }, options)
  }

  async * #preCopy (leg: Leg, patience: Patience, signal: AbortSignal): AsyncGenerator<CopyProgress> {
    const { clock } = this.#ports
    const { manner, rounds, sending } = leg
    for (;;) {
      const state = await capture(taskOf(leg.object), false)
      const dirtyBytes = sending.lacks(state).length * PAGE_BYTES
      const next = rounds.length === 0 ? 'again' : afterRounds(rounds, dirtyBytes, patience)
      if (next === 'give up') throw tooFast(leg.object.record.id)
      if (next === 'stop') return
      const written = await this.#written(leg, state.output)
      const sinceMs = clock.monotonicMs()
      const bytes = await sending.send(state, { manner, runsOn: true, ...written }, { signal })
      rounds.push({ bytes, ms: clock.monotonicMs() - sinceMs })
      yield { phase: 'copying', round: rounds.length, bytes: sending.bytes }
    }
  }

  async #stopAndSend (leg: Leg): Promise<void> {
    const { carriers, clock, keys } = this.#ports
    const { manner, object, sending } = leg
    const task = taskOf(object)
    leg.release = object.hold()
    leg.down.since(clock.monotonicMs())
    this.#step(leg, 'stopped')
    const state = manner === 'restart' ? await this.#nothing(object) : await capture(task, true)
    leg.down.reached('captureMs', clock.monotonicMs())
    const written = await this.#written(leg, state.output)
    const packed = await pack(carriers, object.record.id, keys)
    const how = { manner, runsOn: false, ...written, ...packed }
    await sending.send(state, how, { timeoutMs: 6 * this.#options.patienceMs })
    leg.down.reached('copyMs', clock.monotonicMs())
  }

  /** What it wrote, until then: as blobs, but for the end where that is not much. Rejects ENOSPC, EIO. */
  async #written ({ earlier, object }: Leg, until: OutputPosition): Promise<Written> {
    const output = this.#outputOf(object)
    const tail = await tailSince(earlier, output, until)
    if (tail === undefined) earlier.push(...await piecesSince(earlier, output, this.#ports.blobs, until))
    return { earlier: [...earlier], tail: tail ?? [] }
  }

  /** What starts anew is ended first; nothing goes along but what it has written. */
  async #nothing (object: Resident): Promise<Omit<TaskCapture, 'read'>> {
    const { ended } = taskOf(object)
    await object.restart()
    await ended
    return { header: new Uint8Array(), pages: [], output: await this.#outputOf(object).size() }
  }

  #outputOf (object: Resident): TaskOutput {
    return this.#ports.objects.outputOf(object)
  }

  /** Resolves when it is durable that the object goes. Rejects ENOSPC, EIO, with no note. */
  async #note ({ coordinator, move, object, target }: Leg, alone: boolean): Promise<void> {
    object.record.departure = { move, target, coordinator: alone ? undefined : coordinator }
    try {
      await object.keep()
    } catch (error) {
      object.record.departure = undefined
      throw error
    }
  }

  /** What comes before the first note did not come about. */
  async #fail (leg: Leg): Promise<void> {
    if (this.#legs.get(leg.object.record.id) !== leg) return
    if (leg.state !== 'here' && leg.state !== 'still') return
    await this.#hear(leg, 'failed')
    this.#metrics.stayed.add()
    await leg.sending.drop()
  }

  /** Something happened: what follows by the protocol is done. */
  async #hear (leg: Leg, event: SourceEvent): Promise<void> {
    const deed = this.#step(leg, event)
    const deeds: Record<SourceDeed, () => Promise<void>> = {
      none: async () => { if (event === 'failed') this.#end(leg, 'here') },
      'go on': async () => await this.#goOn(leg),
      'note decided': async () => await this.#noteDecided(leg),
      'ask coordinator': async () => await this.#askCoordinator(leg),
      'tell target': async () => await this.#tellTarget(leg),
      forget: async () => await this.#forget(leg)
    }
    await deeds[deed]()
  }

  #step (leg: Leg, event: SourceEvent): SourceDeed {
    const [state, deed] = sourceAfter(leg.state, event)
    leg.state = state
    return deed
  }

  async #goOn (leg: Leg): Promise<void> {
    const { object } = leg
    if (object.record.departure !== undefined) {
      if (object.record.departure.coordinator === undefined) comeBack(object.record, leg.target)
      object.record.departure = undefined
      await this.#until(async () => await object.keep())
    }
    if (leg.manner !== 'restart') await object.task?.resume?.().catch(ignoreFault)
    this.#end(leg, 'here')
  }

  async #noteDecided (leg: Leg): Promise<void> {
    const { object, move, target } = leg
    object.record.departure = { move, target, coordinator: undefined }
    await this.#until(async () => await object.keep())
    leg.down.reached('noteMs', this.#ports.clock.monotonicMs())
    await this.#hear(leg, 'decided')
  }

  async #askCoordinator (leg: Leg): Promise<void> {
    const { calls } = this.#ports
    for (let tries = 0; leg.state === 'offered'; tries++) {
      const asked = calls.at(leg.coordinator, this.#asNode(leg.coordinator)).move
      const answer = await this.#answer(async timeoutMs => await asked.verdict({ move: leg.move }, { timeoutMs }))
      const verdict = answer?.verdict
      if (leg.state !== 'offered') return
      if (verdict === 'committed' || verdict === 'aborted') return await this.#hear(leg, verdict)
      await this.#pause(tries)
    }
  }

  async #tellTarget (leg: Leg): Promise<void> {
    for (let tries = 0; leg.state === 'decided'; tries++) {
      const taken = await this.#answer(async timeoutMs => await leg.sending.take(timeoutMs))
      if (leg.state !== 'decided') return
      if (taken !== undefined) return await this.#hear(leg, taken ? 'taken' : 'absent')
      await this.#pause(tries)
    }
  }

  async #forget (leg: Leg): Promise<void> {
    const { clock, locator, objects } = this.#ports
    const { object, target } = leg
    const { id } = object.record
    leg.down.reached('takeMs', clock.monotonicMs())
    locator.leftFor(id, target) // before, since who is cut off by its going asks at once
    await this.#until(async () => await objects.depart(object, target))
    this.#metrics.left.add()
    this.#metrics.sent.add(leg.sending.bytes)
    const { downMs } = leg.down.told()
    if (downMs !== undefined) this.#metrics.downSeconds.observe(downMs / 1000)
    this.#end(leg, 'gone')
    await leg.sending.drop(true)
  }

  #end (leg: Leg, where: 'here' | 'gone'): void {
    const { id } = leg.object.record
    leg.lapse()
    if (this.#legs.get(id) === leg) this.#legs.delete(id)
    leg.release()
    leg.settle(where)
  }

  #asNode (node: NodeId): Caller | undefined {
    return node === this.#ports.self ? { kind: 'node', id: node } : undefined
  }

  /** Undefined where none came. */
  async #answer<T> (ask: (timeoutMs: number) => Promise<T>): Promise<T | undefined> {
    try {
      return await ask(this.#options.patienceMs)
    } catch (error) {
      if (!isCloudError(error)) throw error
      this.#ports.log.debug('migration.not_answered', { code: error.code })
      return undefined
    }
  }

  /** A disk that does not take a note now is asked again: nothing goes on without it. */
  async #until (work: () => Promise<void>): Promise<void> {
    for (let tries = 0; ; tries++) {
      try {
        return await work()
      } catch (error) {
        if (!isCloudError(error)) throw error
        this.#ports.log.warn('migration.not_noted', { code: error.code })
        await this.#pause(tries)
      }
    }
  }

  async #pause (tries: number): Promise<void> {
    const { clock, random } = this.#ports
    const { againMs: firstMs, againMsMax: maxMs } = this.#options
    await sleep(clock, backOffMs({ firstMs, maxMs, factor: 2 }, tries, random))
  }
}
