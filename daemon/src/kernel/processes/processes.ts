import { Gate, mapConcurrently, repeat } from '@welkin/async'
import type { ObjectMatch, ObjectSpec } from '@welkin/abi'
import {
  CloudError, isCloudError, toHex, type Blobs, type Cancel, type Clock, type CloudProcessId, type Disk, type Driver, type Events, type Logger,
  type MachineFacts, type MetricRegister, type NodeId, type NodePromises, type ObjectId, type Random, type Service, type Zone
} from '@welkin/interface'
import { registerMetrics, type ProcessMetrics } from './metrics.ts'
import type { ProcessesOptions } from './options.ts'
import { ObjectRecords, type ObjectRecord } from './records.ts'
import { SupervisedObject, type ObjectPorts } from './supervised-object.ts'
import { Upcalls } from './upcalls.ts'

const RECOVER_WIDTH = 32

export interface ProcessPorts {
  clock: Clock
  random: Random
  disk: Disk
  drivers: readonly Driver[]
  blobs: Blobs
  events: Events
  log: Logger
  metrics: MetricRegister
  /** Where a task of this node finds its daemon's socket; undefined: nowhere. */
  socketPath: string | undefined
  node: { id: NodeId, name: string, zone: Zone }
  machine: MachineFacts
}

/** Objects to take in. */
export interface HostRequest {
  cp: CloudProcessId
  spec: ObjectSpec
  objects: ReadonlyArray<{ id: ObjectId, name?: string | undefined }>
}

/** This node's objects. */
export interface Processes extends Service {
  readonly upcalls: Upcalls
  /**
   * Takes the objects, all or none; resolves when they are durable, and starts them in its own time. What it has
   * already is not taken twice. Rejects EAGAIN (no room), ENOSYS (no such driver), ENOSPC, EIO.
   */
  host (request: HostRequest): Promise<void>
  all (): IterableIterator<SupervisedObject>
  /** Rejects ENOENT. */
  get (id: ObjectId): SupervisedObject
  /** Those that go by this id, prefix of an id, or name. */
  matches (ref: string): ObjectMatch[]
  /** Which object proves itself by `token`. */
  ownerOf (token: string): ObjectId | undefined
  driverOf (object: SupervisedObject): Driver
  /** Forgets an ended object. Rejects EBUSY for one that lives. */
  remove (id: ObjectId): Promise<void>
  promises (): NodePromises
}

export function createProcesses (ports: ProcessPorts, options: ProcessesOptions): Processes {
  return new LocalProcesses(ports, options)
}

class LocalProcesses implements Processes {
  readonly name = 'processes'
  readonly upcalls = new Upcalls()
  readonly #ports: ProcessPorts
  readonly #options: ProcessesOptions
  readonly #random: Random
  readonly #metrics: ProcessMetrics
  readonly #records: ObjectRecords
  readonly #starts: Gate
  readonly #drivers: ReadonlyMap<string, Driver>
  readonly #objects = new Map<ObjectId, SupervisedObject>()
  readonly #tokens = new Map<string, ObjectId>()
  readonly #cancels: Cancel[] = []
  readonly #promised: NodePromises

  constructor (ports: ProcessPorts, options: ProcessesOptions) {
    this.#ports = ports
    this.#options = options
    this.#random = ports.random.fork('processes')
    this.#metrics = registerMetrics(ports.metrics)
    this.#records = new ObjectRecords(ports.disk)
    this.#starts = new Gate(options.startsMax)
    this.#drivers = new Map(ports.drivers.map(driver => [driver.name, driver]))
    this.#promised = { objects: 0, objectsMax: options.objectsMax, cpuPromised: 0, memoryPromisedBytes: 0 }
  }

  async start (): Promise<void> {
    for (const driver of this.#drivers.values()) await driver.start()
    const records = await this.#records.readAll()
    for (const record of records) this.#add(record)
    for (const object of this.#objects.values()) if (!object.hasEnded) this.#live(object, { again: true })
    this.#cancels.push(repeat(this.#ports.clock, this.#options.sweepPeriodMs, () => this.#sweep()))
  }

  async stop (): Promise<void> {
    for (const cancel of this.#cancels.splice(0)) cancel()
    for (const object of this.#objects.values()) object.close()
    for (const driver of this.#drivers.values()) await driver.stop()
  }

  async host ({ cp, spec, objects }: HostRequest): Promise<void> {
    const { clock, events } = this.#ports
    this.#checkDriver(spec)
    const fresh = objects.filter(({ id }) => !this.#objects.has(id))
    this.#checkRoom(spec, fresh.length)
    const records = fresh.map(({ id, name }): ObjectRecord => ({
      id, cp, name, spec, spawnedAtMs: clock.wallMs(), token: toHex(this.#random.bytes(16)), attempt: 0, killed: false,
      startedAtMs: undefined, endedAtMs: undefined, exit: undefined, outputs: []
    }))
    // Counted before the first wait, so that no other request can be promised the same room.
    const added = records.map(record => this.#add(record))
    try {
      await this.#records.write(records)
    } catch (error) {
      for (const object of added) this.#drop(object)
      throw error
    }
    for (const object of added) {
      events.emit('objectSpawned', { object: object.record.id, name: object.record.name ?? '' })
      this.#live(object, { again: false })
    }
  }

  all (): IterableIterator<SupervisedObject> {
    return this.#objects.values()
  }

  get (id: ObjectId): SupervisedObject {
    const object = this.#objects.get(id)
    if (object === undefined) throw new CloudError('ENOENT', `No object ${id} is on this node; "welkin ps -a" lists them.`, { fields: { object: id } })
    return object
  }

  matches (ref: string): ObjectMatch[] {
    const exact = this.#objects.get(ref)
    const found = exact === undefined
      ? [...this.#objects.values()].filter(({ record: { id, name } }) => name === ref || id.startsWith(ref))
      : [exact]
    return found.map(({ record: { id, name, spawnedAtMs }, hasEnded }) => ({ id, ...name === undefined ? {} : { name }, spawnedAtMs, live: !hasEnded }))
  }

  ownerOf (token: string): ObjectId | undefined {
    return this.#tokens.get(token)
  }

  driverOf ({ record: { spec: { program } } }: SupervisedObject): Driver {
    return this.#driver(program.driver)
  }

  async remove (id: ObjectId): Promise<void> {
    const object = this.get(id)
    if (!object.hasEnded) throw new CloudError('EBUSY', `Object ${id} has not ended; kill it first.`, { fields: { object: id } })
    await this.driverOf(object).remove(id)
    await this.#records.remove([id])
    this.#drop(object)
    this.#ports.events.emit('objectRemoved', { object: id })
  }

  promises (): NodePromises {
    return { ...this.#promised }
  }

  #live (object: SupervisedObject, how: { again: boolean }): void {
    void object.live(how).then(() => { this.#promise(object, -1) })
  }

  #add (record: ObjectRecord): SupervisedObject {
    const { blobs, clock, events, log, node, socketPath } = this.#ports
    const ports: ObjectPorts = {
      clock, random: this.#random, blobs, events, log, node, metrics: this.#metrics, records: this.#records, starts: this.#starts,
      driver: this.#driver(record.spec.program.driver), env: ({ id, token, name }) => ({
        WELKIN_OBJECT: id, WELKIN_TOKEN: token, WELKIN_NODE: node.name, ...name === undefined ? {} : { WELKIN_NAME: name },
        ...socketPath === undefined ? {} : { WELKIN_SOCKET: socketPath }
      })
    }
    const object = new SupervisedObject(record, ports)
    this.#objects.set(record.id, object)
    this.#tokens.set(record.token, record.id)
    if (!object.hasEnded) this.#promise(object, 1)
    return object
  }

  #drop (object: SupervisedObject): void {
    this.#objects.delete(object.record.id)
    this.#tokens.delete(object.record.token)
    if (!object.hasEnded) this.#promise(object, -1)
  }

  #promise ({ record: { spec: { limits } } }: SupervisedObject, sign: 1 | -1): void {
    this.#promised.objects += sign
    this.#promised.cpuPromised += sign * (limits.cpu ?? 0)
    this.#promised.memoryPromisedBytes += sign * (limits.memoryBytes ?? 0)
    this.#metrics.live.set(this.#promised.objects)
  }

  #driver (name: string): Driver {
    const driver = this.#drivers.get(name)
    if (driver !== undefined) return driver
    const known = [...this.#drivers.keys()].join(', ')
    throw new CloudError('ENOSYS', `This node has no driver "${name}"; it has ${known}.`, { fields: { driver: name } })
  }

  #checkDriver ({ program }: ObjectSpec): void {
    const { abilities } = this.#driver(program.driver)
    if (program.input && !abilities.input) throw new CloudError('ENOSYS', `Driver ${program.driver} gives its tasks no standard input.`)
  }

  #checkRoom (spec: ObjectSpec, count: number): void {
    const { room, why } = this.#room(spec)
    if (count <= room) return
    this.#metrics.refused.add(count)
    const { id } = this.#ports.node
    throw new CloudError('EAGAIN', `This node has no room for ${count} more: ${why}.`, { fields: { node: id, count, room } })
  }

  /** How many more objects of this kind the node takes now, and what is scarcest. */
  #room ({ limits: { cpu = 0, memoryBytes = 0 } }: ObjectSpec): { room: number, why: string } {
    const { objects, objectsMax, cpuPromised, memoryPromisedBytes } = this.#promised
    const { cpuCount, memoryBytes: memoryTotal } = this.#ports.machine
    const rooms = [{ room: objectsMax - objects, why: `${objects} of at most ${objectsMax} objects are here` }]
    if (cpu > 0) rooms.push({ room: Math.floor((cpuCount - cpuPromised) / cpu), why: `${cpuPromised} of its ${cpuCount} CPUs are promised` })
    if (memoryBytes > 0) {
      const room = Math.floor((memoryTotal - memoryPromisedBytes) / memoryBytes)
      rooms.push({ room, why: `${memoryPromisedBytes} of its ${memoryTotal} bytes of memory are promised` })
    }
    return rooms.reduce((scarcest, other) => other.room < scarcest.room ? other : scarcest)
  }

  /** Forgets the ended objects that are too old or too many, the oldest first. */
  async #sweep (): Promise<void> {
    const { clock, log } = this.#ports
    const { endedKeepMs, endedMax } = this.#options
    const ended = [...this.#objects.values()].filter(({ hasEnded }) => hasEnded)
      .toSorted((a, b) => (a.record.endedAtMs ?? 0) - (b.record.endedAtMs ?? 0))
    const oldest = clock.wallMs() - endedKeepMs
    const surplus = ended.filter(({ record }, index) => (record.endedAtMs ?? 0) < oldest || index < ended.length - endedMax)
    await mapConcurrently(surplus, RECOVER_WIDTH, async ({ record: { id } }) => {
      try {
        await this.remove(id)
      } catch (error) {
        if (!isCloudError(error)) throw error
        log.warn('processes.ended_object_not_removed', { object: id, code: error.code })
      }
    })
  }
}
