import { backOffMs, type Gate } from '@welkin/async'
import type { ObjectInfo, ObjectState, OutputFile } from '@welkin/abi'
import {
  CloudError, isCloudError, type Blobs, type Cancel, type Clock, type Driver, type Events, type Logger, type NodeId, type Random, type Task, type TaskEnd,
  type TaskFile, type Zone
} from '@welkin/interface'
import { restartsAfter } from './after-end.ts'
import type { ProcessMetrics } from './metrics.ts'
import type { ObjectRecord, ObjectRecords } from './records.ts'

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
 */
export class SupervisedObject {
  readonly record: ObjectRecord
  readonly #ports: ObjectPorts
  readonly #listeners = new Set<() => void>()
  /** Aborted by a kill, to cut short whatever the object waits for. */
  readonly #kill = new AbortController()
  #graceMs = 0
  #state: ObjectState = 'waiting'
  #task: Task | undefined
  #closed = false

  constructor (record: ObjectRecord, ports: ObjectPorts) {
    this.record = record
    this.#ports = ports
    if (record.endedAtMs !== undefined) this.#state = 'ended'
    if (record.killed) this.#kill.abort(killedEarly())
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

  /** Calls `listener` at each change of state. */
  watch (listener: () => void): Cancel {
    this.#listeners.add(listener)
    return () => { this.#listeners.delete(listener) }
  }

  /** Lives until the object has ended for good. `again`: an earlier life of the node may have started it. */
  async live ({ again }: { again: boolean }): Promise<void> {
    let end = again ? await this.#recover() : await this.#attempt()
    for (let quickEnds = 0; this.#restarts(end); quickEnds++) {
      if (await this.#ranLong()) quickEnds = 0
      await this.#backOff(quickEnds)
      if (this.record.killed) break
      this.record.attempt++
      await this.#ports.records.write([this.record])
      this.#ports.events.emit('objectRestarted', { object: this.record.id, attempt: this.record.attempt })
      end = await this.#attempt()
    }
    await this.#finish(end)
  }

  /** Asks for the end; the object ends in its own time. A second, less patient call hastens it. */
  async kill (graceMs: number): Promise<void> {
    if (this.hasEnded) return
    this.#graceMs = graceMs
    if (!this.record.killed) {
      this.record.killed = true
      await this.#ports.records.write([this.record])
    }
    this.#kill.abort(killedEarly())
    await this.#stopTask()
  }

  /** The node stops: the object lets go of everything, and its task runs on. */
  close (): void {
    this.#closed = true
    this.#listeners.clear()
  }

  info (): ObjectInfo {
    const { id, cp, name, spec, attempt, spawnedAtMs, startedAtMs, endedAtMs, exit, outputs } = this.record
    const { node } = this.#ports
    const optional = { name, startedAtMs, endedAtMs, exit, pid: this.#task?.pid }
    return {
      id, cp, node: node.id, nodeName: node.name, zone: node.zone, state: this.#state, spec, attempt, spawnedAtMs, outputs,
      ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined))
    }
  }

  async #recover (): Promise<TaskEnd> {
    const { driver, events } = this.#ports
    const found = await driver.recover(this.record.id)
    if (found === undefined) return await this.#attempt()
    events.emit('objectRecovered', { object: this.record.id, running: 'ended' in found })
    return 'ended' in found ? await this.#follow(found) : found
  }

  /** One task, from its files to its end. What hinders its start is how it ended. */
  async #attempt (): Promise<TaskEnd> {
    this.#enter('waiting')
    try {
      return await this.#follow(await this.#ports.starts.run(() => this.#startTask(), { signal: this.#kill.signal }))
    } catch (error) {
      if (!isCloudError(error)) throw error
      return { exit: { kind: 'failed', error: error.toJSON() }, endedAtMs: this.#ports.clock.wallMs(), usage: {} }
    }
  }

  async #startTask (): Promise<Task> {
    const { driver, env } = this.#ports
    const { id, attempt, spec } = this.record
    await this.#unlessClosed()
    this.#enter('preparing')
    const files = await this.#files()
    await this.#unlessClosed()
    return await driver.run({
      id, attempt, files, argv: spec.program.argv, env: { ...env(this.record), ...spec.program.env }, limits: spec.limits, input: spec.program.input
    })
  }

  async #files (): Promise<TaskFile[]> {
    const { blobs } = this.#ports
    return await Promise.all(this.record.spec.files.map(async ({ path, blob, executable }) => {
      await blobs.fetch(blob, { signal: this.#kill.signal })
      return { path, executable, localPath: blobs.localPath(blob), open: () => blobs.read(blob) }
    }))
  }

  async #follow (task: Task): Promise<TaskEnd> {
    const { events, metrics } = this.#ports
    this.#task = task
    this.record.startedAtMs = task.startedAtMs
    metrics.started.add()
    this.#enter('running')
    events.emit('objectStarted', { object: this.record.id, attempt: this.record.attempt })
    if (this.record.killed) await this.#stopTask()
    const end = await task.ended
    await this.#unlessClosed()
    this.#task = undefined
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
    return restartsAfter({ restart, exit, killed, attempt })
  }

  /** Whether the last task ran longer than the longest wait, so that the waits begin anew. */
  async #ranLong (): Promise<boolean> {
    const { startedAtMs = 0, spec: { restart } } = this.record
    return this.#ports.clock.wallMs() - startedAtMs > restart.maxMs
  }

  async #backOff (quickEnds: number): Promise<void> {
    const { clock, random } = this.#ports
    const { firstMs, maxMs } = this.record.spec.restart
    this.#enter('backing-off')
    await new Promise<void>(resolve => {
      const cancel = clock.after(backOffMs({ firstMs, maxMs, factor: 2 }, quickEnds, random), resolve)
      this.#kill.signal.addEventListener('abort', () => { cancel(); resolve() }, { once: true })
    })
    await this.#unlessClosed()
  }

  async #finish (end: TaskEnd): Promise<void> {
    const { clock, events, records } = this.#ports
    this.record.outputs = await this.#collect(end)
    this.record.exit = end.exit
    this.record.endedAtMs = end.endedAtMs ?? clock.wallMs()
    await records.write([this.record])
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

function flatExit ({ exit }: TaskEnd): Record<string, string | number> {
  if (exit.kind === 'exited') return { exit: exit.kind, code: exit.code }
  if (exit.kind === 'signaled') return { exit: exit.kind, signal: exit.signal }
  if (exit.kind === 'failed') return { exit: exit.kind, error: exit.error.code }
  return { exit: exit.kind }
}
