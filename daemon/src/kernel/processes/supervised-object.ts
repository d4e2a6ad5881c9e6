import { backOffMs, type Gate } from '@welkin/async'
import type { ObjectInfo, ObjectState, OutputFile } from '@welkin/abi'
import {
  CloudError, ignoreFault, isCloudError, onAbort, type AbortOptions, type BlobId, type Blobs, type Cancel, type Clock,
  type Driver, type Events, type Logger, type NodeId, type Random, type Task, type TaskEnd, type TaskFile,
  type TaskSpec, type Zone
} from '@welkin/interface'
import type { Beginning, ObjectRecord, Resident } from '../../residents.ts'
import { flatExit, restartsAfter } from './after-end.ts'
import type { ProcessMetrics } from './metrics.ts'
import { Presence } from './presence.ts'
import type { ObjectRecords } from './records.ts'
import { until } from './until.ts'

/** Waits between two tries of what the disk or the driver does not let happen now. */
const AGAIN = { firstMs: 200, maxMs: 30_000, factor: 2 }
/** A node that has just started knows nobody yet: so often it looks for a file, half a minute in all. */
const LOOKS_AFTER_START = 8

/** What an object needs of its node. */
export interface ObjectPorts {
  clock: Clock
  random: Random
  blobs: Blobs
  driver: Driver
  events: Events
  log: Logger
  metrics: ProcessMetrics
  records: ObjectRecords
  /** Lets only so many fetch their files at a time. */
  fetches: Gate
  /** Lets only so many start at a time. */
  starts: Gate
  /** What every task finds in its environment. */
  env: (record: ObjectRecord) => Readonly<Record<string, string>>
  node: { id: NodeId, name: string, zone: Zone }
}

/**
 * One object on this node, from its spawning to its end:
 *
 *   waiting -> preparing -> running -> ended
 *      ^                       |
 *      +---- backing-off <-----+        a kill leads from anywhere to ended, by way of stopping where a task runs
 *
 * A disk that is full does not change what happens, only when it is written down.
 */
export class SupervisedObject implements Resident {
  readonly record: ObjectRecord
  /** Ports on which it listens by system calls. */
  readonly listened = new Set<string>()
  readonly #ports: ObjectPorts
  readonly #listeners = new Set<() => void>()
  /** Aborted by a kill, to cut short whatever the object waits for. */
  readonly #kill = new AbortController()
  #graceMs = 0
  #state: ObjectState = 'waiting'
  #task: Task | undefined
  /** How long the last task ran. */
  #ranMs = 0
  #isToRestart = false
  readonly #presence: Presence
  #cancelPause: Cancel = () => {}
  #cancelNote: Cancel = () => {}
  #closed = false

  constructor (record: ObjectRecord, ports: ObjectPorts) {
    this.record = record
    this.#ports = ports
    if (record.endedAtMs !== undefined) this.#state = 'ended'
    if (record.killed) this.#kill.abort(killedEarly())
    this.#presence = new Presence(record.id, record.arrival !== undefined)
  }

  get state (): ObjectState {
    return this.#state
  }

  get task (): Task | undefined {
    return this.#task
  }

  get hasEnded (): boolean {
    return this.#state === 'ended'
  }

  /** Where it went; undefined: it is here. */
  get movedTo (): NodeId | undefined {
    return this.#presence.movedTo
  }

  get isHeld (): boolean {
    return this.#presence.isHeld
  }

  hold (): Cancel {
    return this.#presence.hold()
  }

  async whenHere (options?: AbortOptions): Promise<void> {
    await this.#presence.whenHere(options)
  }

  async settle (): Promise<void> {
    this.#presence.settle()
    this.record.arrival = undefined
    await this.keep()
  }

  /**
   * Resolves when what is taken for it now stays with it: it is not held, nor could where it came from still go on with
   * it. Rejects as `whenHere` does.
   */
  async whenSettled (options?: AbortOptions): Promise<void> {
    await this.#presence.whenSettled(options)
  }

  async whenUnderWay ({ signal }: { signal: AbortSignal }): Promise<void> {
    await until(this, () => this.#task !== undefined || this.hasEnded, signal)
    await this.#task?.whenMovable?.({ signal })
    await this.whenSettled({ signal })
  }

  /** Nothing of its task is here any more; what an earlier life of the node had stand still is found for that. */
  async leave (): Promise<void> {
    const { attempt, id } = this.record
    const task = this.#task ?? await this.#ports.driver.recover(id, attempt)
    if (task !== undefined && 'ended' in task) await task.leave?.()
  }

  /** It goes on elsewhere: whoever watches it is told, and nothing of it goes on here. */
  depart (node: NodeId): void {
    this.#presence.depart(node)
    const listeners = [...this.#listeners]
    this.close()
    for (const listener of listeners) listener()
  }

  async restart (): Promise<void> {
    this.#isToRestart = true
    await this.#task?.stop(this.#graceMs)
  }

  async keep (): Promise<void> {
    await this.#ports.records.write([this.record])
  }

  /** Calls `listener` at each change of state. */
  watch (listener: () => void): Cancel {
    this.#listeners.add(listener)
    return () => { this.#listeners.delete(listener) }
  }

  /** Lives until the object has ended for good. `task`: it came from elsewhere and runs already. */
  async live ({ again = false, task, lost }: Beginning): Promise<void> {
    let end = again
      ? await this.#recover(lost)
      : lost ?? await (task === undefined ? this.#attempt() : this.#follow(task))
    for (let quickEnds = 0; this.#restarts(end); quickEnds++) {
      const { firstMs, maxMs } = this.record.spec.restart
      if (this.#ranMs > maxMs) quickEnds = 0
      this.#enter('backing-off')
      await this.#pause(backOffMs({ firstMs, maxMs, factor: 2 }, quickEnds, this.#ports.random))
      if (this.record.killed) break
      this.record.attempt++
      await this.#note()
      this.#ports.events.emit('objectRestarted', { object: this.record.id, attempt: this.record.attempt })
      end = await this.#attempt()
    }
    await this.#finish(end)
  }

  /** Where it can be talked to, by name: by TCP, or (0) as it listens by system calls. */
  get ports (): Readonly<Record<string, number>> {
    return { ...this.tcpPorts, ...Object.fromEntries([...this.listened].map(port => [port, 0])) }
  }

  get tcpPorts (): Readonly<Record<string, number>> {
    return this.record.ports ?? this.record.spec.ports ?? {}
  }

  /** Changes its TCP ports. Rejects ENOSPC, EIO, with nothing changed. */
  async expose (ports: Readonly<Record<string, number>>): Promise<void> {
    await this.#ports.records.write([{ ...this.record, ports }])
    this.record.ports = ports
  }

  /** Asks for the end; the object ends in its own time. A second, less patient call hastens it. */
  async kill (graceMs: number): Promise<void> {
    await this.whenHere()
    if (this.hasEnded) return
    this.#graceMs = graceMs
    const noted = this.record.killed
    this.record.killed = true
    this.#kill.abort(killedEarly())
    // A full disk must not stand in the way: to end what runs may be how room is made.
    await Promise.all([this.#stopTask(), noted ? undefined : this.#note()])
  }

  /** The node stops: the object lets go of everything, and its task runs on. */
  close (): void {
    this.#closed = true
    this.#cancelPause()
    this.#cancelNote()
    this.#listeners.clear()
  }

  info (): ObjectInfo {
    const { id, cp, name, spec, attempt, spawnedAtMs, startedAtMs, endedAtMs, exit, outputs, usage } = this.record
    const { owner } = this.record.rights ?? {}
    const { node } = this.#ports
    const ports = Object.keys(this.ports).length === 0 ? undefined : this.ports
    const { pid, immovable } = this.#task ?? {}
    const known = Object.entries({ name, owner, startedAtMs, endedAtMs, exit, usage, ports, pid, immovable })
    return {
      id, cp, node: node.id, nodeName: node.name, zone: node.zone, state: this.#state, spec, attempt, spawnedAtMs,
      outputs, ...Object.fromEntries(known.filter(([, value]) => value !== undefined))
    }
  }

  /** What an earlier life has started goes on. A driver that cannot tell is asked until it can. */
  async #recover (lost: TaskEnd | undefined): Promise<TaskEnd> {
    const { driver, events, log, random } = this.#ports
    const { id, attempt } = this.record
    for (let tries = 0; ; tries++) {
      try {
        const found = await driver.recover(id, attempt)
        if (found === undefined) return lost ?? await this.#attempt({ looksMax: LOOKS_AFTER_START })
        events.emit('objectRecovered', { object: id, running: 'ended' in found })
        if (!('ended' in found)) return found
        await found.resume?.().catch(ignoreFault) // from a move that left no trace
        return await this.#follow(found)
      } catch (error) {
        if (!isCloudError(error)) throw error
        await this.#unlessClosed()
        log.warn('processes.object_not_recovered', { object: id, code: error.code })
        await this.#pause(backOffMs(AGAIN, tries, random), { evenIfKilled: true })
      }
    }
  }

  /** One task, from its files to its end. What hinders its start is how it ended. */
  async #attempt ({ looksMax = 1 } = {}): Promise<TaskEnd> {
    const { clock, driver, starts } = this.#ports
    const { signal } = this.#kill
    this.#ranMs = 0
    try {
      const spec = await this.taskSpec({ looksMax, signal })
      this.#enter('waiting')
      return await this.#follow(await starts.run(async () => {
        await this.#unlessClosed()
        this.#enter('preparing')
        return await driver.run(spec)
      }, { signal }))
    } catch (error) {
      if (!isCloudError(error)) throw error
      await this.#unlessClosed()
      return { exit: { kind: 'failed', error: error.toJSON() }, endedAtMs: clock.wallMs(), usage: {} }
    }
  }

  async taskSpec ({ looksMax = 1, signal }: { looksMax?: number, signal: AbortSignal }): Promise<TaskSpec> {
    const { id, attempt, spec: { isolation, limits, network, program: { argv, env, input, wasm } } } = this.record
    const files = await this.#files(looksMax, signal)
    const ownEnv = { ...this.#ports.env(this.record), ...env }
    return { id, attempt, files, argv, env: ownEnv, limits, input, isolation, network, wasm }
  }

  async #files (looksMax: number, signal: AbortSignal): Promise<TaskFile[]> {
    const { blobs, fetches } = this.#ports
    const { files } = this.record.spec
    if (files.length === 0) return []
    return await fetches.run(async () => {
      this.#enter('preparing')
      return await Promise.all(files.map(async ({ path, blob, executable }) => {
        await this.#fetch(blob, looksMax, signal)
        return { path, executable, localPath: blobs.localPath(blob), open: () => blobs.read(blob) }
      }))
    }, { signal })
  }

  async #fetch (blob: BlobId, looksMax: number, signal: AbortSignal): Promise<void> {
    for (let looks = 1; ; looks++) {
      try {
        await this.#ports.blobs.fetch(blob, { signal })
        return
      } catch (error) {
        if (looks >= looksMax || !isCloudError(error, 'ENOENT')) throw error
        await this.#pause(backOffMs(AGAIN, looks, this.#ports.random))
      }
    }
  }

  async #follow (task: Task): Promise<TaskEnd> {
    const { clock, events, metrics } = this.#ports
    const startedMs = clock.monotonicMs()
    this.#task = task
    this.record.startedAtMs = task.startedAtMs
    metrics.started.add()
    this.#enter('running')
    events.emit('objectStarted', { object: this.record.id, attempt: this.record.attempt })
    if (this.record.killed) await this.#stopTask()
    const end = await task.ended
    await this.#presence.whenFree()
    await this.#unlessClosed()
    this.#task = undefined
    this.#ranMs = clock.monotonicMs() - startedMs
    metrics.ended.add(1, { exit: end.exit.kind })
    return end
  }

  async #stopTask (): Promise<void> {
    if (this.#task === undefined) return
    this.#enter('stopping')
    await this.#task.stop(this.#graceMs)
  }

  #restarts ({ exit }: TaskEnd): boolean {
    const { attempt, killed, spec: { restart } } = this.record
    if (this.#isToRestart && !killed) {
      this.#isToRestart = false
      return true
    }
    return restartsAfter({ restart, exit, killed, attempt })
  }

  async #finish (end: TaskEnd): Promise<void> {
    const { clock, events } = this.#ports
    const outputs = await this.#collect(end)
    await this.#unlessClosed()
    const { exit, usage, endedAtMs = clock.wallMs() } = end
    Object.assign(this.record, { outputs, exit, usage, endedAtMs })
    await this.#note()
    this.#enter('ended')
    events.emit('objectExited', { object: this.record.id, ...flatExit(end) })
  }

  async #collect (end: TaskEnd): Promise<OutputFile[]> {
    const { blobs, driver } = this.#ports
    if (end.exit.kind === 'failed') return []
    return await Promise.all(this.record.spec.outputs.map(async path => {
      try {
        return { path, ...await blobs.put(driver.collect(this.record.id, path)) }
      } catch (error) {
        if (!isCloudError(error)) throw error
        return { path, error: error.toJSON() }
      }
    }))
  }

  /**
   * Writes the record; where the disk does not let it, again later, until it does. Resolves after the first try: what
   * is not written yet would be found out again from the driver.
   */
  async #note (tries = 0): Promise<void> {
    const { clock, log, random, records } = this.#ports
    await this.#unlessClosed()
    try {
      await records.write([this.record])
    } catch (error) {
      if (!isCloudError(error)) throw error
      log.warn('processes.record_not_written', { object: this.record.id, code: error.code })
      this.#cancelNote()
      this.#cancelNote = clock.after(backOffMs(AGAIN, tries, random), () => { void this.#note(tries + 1) })
    }
  }

  /** Resolves after `ms`, or when the object is killed; never after the node has stopped. */
  async #pause (ms: number, { evenIfKilled = false } = {}): Promise<void> {
    await new Promise<void>(resolve => {
      const cancelTimer = this.#ports.clock.after(ms, () => {
        ignoreKill()
        resolve()
      })
      this.#cancelPause = cancelTimer
      const ignoreKill = evenIfKilled ? () => {} : onAbort(this.#kill.signal, () => {
        cancelTimer()
        resolve()
      })
    })
    await this.#unlessClosed()
  }

  #enter (state: ObjectState): void {
    if (this.#closed) return
    this.#state = state
    for (const listener of this.#listeners) listener()
  }

  /** After the node has stopped, nothing of this life goes on; the next life of the node takes it up. */
  async #unlessClosed (): Promise<void> {
    if (this.#closed) await new Promise<never>(() => {})
  }
}

function killedEarly (): CloudError {
  return new CloudError('ECANCELED', 'It was killed before it ran.')
}
