import { Gate, mapConcurrently, repeat } from '@welkin/async'
import type { ObjectMatch, ObjectSpec } from '@welkin/abi'
import {
  CloudError, ignoreFault, isCloudError, toHex, type Blobs, type Cancel, type Clock, type CloudProcessId, type Disk,
  type Driver, type Events, type Logger, type MachineFacts, type MetricRegister, type NodeId, type NodePromises,
  type ObjectId, type PublishedObject, type Random, type Service, type Task, type TaskOutput, type Zone
} from '@welkin/interface'
import type { ObjectRights } from '../../dispatch/index.ts'
import type { Beginning, ObjectRecord, ObjectRecordRights, Residents } from '../../residents.ts'
import { createAbsentDriver } from './absent-driver.ts'
import { checkBytes, checkDriver, checkUnique, noRoom, noSuchObject } from './checks.ts'
import { registerMetrics, type ProcessMetrics } from './metrics.ts'
import type { ProcessesOptions } from './options.ts'
import { Promises } from './promises.ts'
import { checkReachable, Ports, type PortChange } from './ports.ts'
import { ObjectRecords } from './records.ts'
import { Reservations } from './reservations.ts'
import { SupervisedObject } from './supervised-object.ts'
import { surplusOf } from './surplus.ts'
import { Upcalls } from './upcalls.ts'
import { WholeOutput } from './whole-output.ts'

const REMOVE_WIDTH = 32

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
  /** Room that was kept for them. */
  reservation?: ObjectId | undefined
  /** Whose they are, and by what this node acts for them; undefined in an open cloud. */
  rights?: ObjectRecordRights | undefined
}

/** Room to be kept for objects of one kind. */
export interface ReserveRequest extends Pick<ObjectSpec, 'limits' | 'isolation' | 'network'> {
  driver: string
  count: number
  ttlMs: number
}

/** This node's objects. */
export interface Processes extends Service, Residents<SupervisedObject> {
  readonly upcalls: Upcalls
  /**
   * Takes the objects, all or none; resolves when they are durable, and starts them in its own time. What it has
   * already is not taken twice. Rejects EAGAIN (no room), ENOSYS (no such driver), ENOSPC, EIO.
   */
  host (request: HostRequest): Promise<void>
  /** Keeps room for as many as there is room for, none perhaps; it lapses unless `host` uses it. Throws ENOSYS. */
  reserve (request: ReserveRequest): { reservation: ObjectId | undefined, granted: number, why: string | undefined }
  /** Gives up a reservation; one that is gone is no error. */
  release (reservation: ObjectId): void
  /** Whether it is of this node, whatever became of it. */
  has (id: ObjectId): boolean
  /** Those that go by this id, prefix of an id, or name. */
  matches (ref: string): ObjectMatch[]
  /** Which object proves itself by `token`. */
  ownerOf (token: string): ObjectId | undefined
  /** Forgets an ended object. Rejects EBUSY for one that lives. */
  remove (id: ObjectId): Promise<void>
  promises (): NodePromises
  /** What of this node others can find by name and talk to: what runs, and has a port. */
  published (): Iterable<PublishedObject>
  /** Where an object can be talked to, by name: a TCP port, or 0 where it listens by system calls. Throws ENOENT. */
  portsOf (id: ObjectId): Readonly<Record<string, number>>
  /** Changes its TCP ports while it runs, tells `objectExposed`, and says all. Rejects ENOENT, ESRCH, EINVAL, EIO. */
  expose (id: ObjectId, change: PortChange): Promise<Readonly<Record<string, number>>>
  /** It listens by system calls on this port, until that is cancelled; tells `objectExposed`. Throws ENOENT, EBUSY. */
  listen (id: ObjectId, port: string): Cancel
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
  readonly #fetches: Gate
  readonly #starts: Gate
  readonly #drivers: ReadonlyMap<string, Driver>
  readonly #objects = new Map<ObjectId, SupervisedObject>()
  readonly #tokens = new Map<string, ObjectId>()
  readonly #cancels: Cancel[] = []
  readonly #doors: Ports
  readonly #promised: Promises
  readonly #reservations: Reservations
  #judge: (object: SupervisedObject) => Promise<Beginning | 'gone'> = async () => ({ again: true })
  #closedSince: string | undefined
  /** Records on their way to the disk: a repeat waits for them rather than to be told too early. */
  readonly #hosting = new Map<ObjectId, Promise<void>>()

  constructor (ports: ProcessPorts, options: ProcessesOptions) {
    this.#ports = ports
    this.#options = options
    this.#random = ports.random.fork('processes')
    this.#metrics = registerMetrics(ports.metrics)
    this.#records = new ObjectRecords(ports)
    this.#fetches = new Gate(options.startsMax)
    this.#starts = new Gate(options.startsMax)
    this.#drivers = new Map(ports.drivers.map(driver => [driver.name, driver]))
    this.#doors = new Ports(ports.events)
    this.#promised = new Promises(ports.machine, options.objectsMax)
    this.#reservations = new Reservations(ports.clock, this.#promised, () => toHex(this.#random.bytes(16)))
  }

  async start (): Promise<void> {
    for (const driver of this.#drivers.values()) await driver.start()
    const records = await this.#records.readAll()
    for (const record of records) this.#add(record)
    for (const object of this.#objects.values()) if (!object.hasEnded) void this.#takeUp(object)
    this.#cancels.push(repeat(this.#ports.clock, this.#options.sweepPeriodMs, () => this.#sweep()))
  }

  async stop (): Promise<void> {
    for (const cancel of this.#cancels.splice(0)) cancel()
    this.#reservations.close()
    for (const object of this.#objects.values()) object.close()
    for (const driver of this.#drivers.values()) await driver.stop()
  }

  async host ({ cp, spec, objects, reservation, rights }: HostRequest): Promise<void> {
    checkDriver(this.#drivers, spec.program, spec)
    checkReachable(spec, spec.ports)
    checkUnique(objects)
    checkBytes(spec, objects.length)
    const fresh = objects.filter(({ id }) => !this.#objects.has(id))
    const pending = objects.flatMap(({ id }) => this.#hosting.get(id) ?? [])
    if (fresh.length > 0) await this.#take({ cp, spec, objects: fresh, reservation, rights })
    await Promise.all(pending)
  }

  reserve (
    { driver, limits, count, ttlMs, ...wanted }: ReserveRequest
  ): { reservation: ObjectId | undefined, granted: number, why: string | undefined } {
    this.#checkOpen()
    checkDriver(this.#drivers, { driver, input: false }, wanted)
    const { id, granted, room } = this.#reservations.reserve({ limits }, count, ttlMs)
    if (granted < count) this.#metrics.refused.add(count - granted)
    return { reservation: id, granted, why: granted < count ? room.why : undefined }
  }

  release (reservation: ObjectId): void {
    this.#reservations.release(reservation)
  }

  all (): IterableIterator<SupervisedObject> {
    return this.#objects.values()
  }

  has (id: ObjectId): boolean {
    return this.#objects.has(id)
  }

  get (id: ObjectId): SupervisedObject {
    const object = this.#objects.get(id)
    if (object === undefined) throw noSuchObject(id)
    return object
  }

  matches (ref: string): ObjectMatch[] {
    const exact = this.#objects.get(ref)
    const found = exact === undefined
      ? [...this.#objects.values()].filter(({ record: { id, name } }) => name === ref || id.startsWith(ref))
      : [exact]
    return found.map(({ record: { id, name, spawnedAtMs }, hasEnded }) => ({
      id, ...name === undefined ? {} : { name }, spawnedAtMs, live: !hasEnded
    }))
  }

  rightsOf (id: ObjectId): ObjectRights | undefined {
    const record = this.#objects.get(id)?.record
    if (record === undefined) return undefined
    const { cp, name, rights, spec } = record
    return { id, cp, name, owner: rights?.owner, chain: rights?.chain ?? [], can: spec.can ?? [] }
  }

  ownerOf (token: string): ObjectId | undefined {
    return this.#tokens.get(token)
  }

  driverOf ({ record: { spec: { program } } }: Pick<SupervisedObject, 'record'>): Driver {
    return this.#drivers.get(program.driver) ?? createAbsentDriver(program.driver)
  }

  outputOf (object: SupervisedObject): TaskOutput {
    const { earlier, id, outputBase, tail } = object.record
    const own = this.driverOf(object).output(id)
    return (earlier ?? outputBase ?? tail) === undefined ? own : new WholeOutput(object.record, own, this.#ports.blobs)
  }

  close (why: string): Cancel {
    this.#closedSince = why
    return () => { this.#closedSince = undefined }
  }

  newcomer (record: ObjectRecord): SupervisedObject {
    checkDriver(this.#drivers, record.spec.program, record.spec)
    return this.#make(record)
  }

  async arrive (
    object: SupervisedObject, reservation: ObjectId | undefined, begin: () => Promise<Task>
  ): Promise<void> {
    const { id } = object.record
    if (this.#objects.has(id)) {
      throw new CloudError('EEXIST', `Object ${id} is on this node already.`, { fields: { object: id } })
    }
    if (reservation !== undefined) this.#reservations.use(reservation, 1)
    this.#enter(object)
    try {
      await object.keep()
      this.#live(object, { task: await begin() })
    } catch (error) {
      await this.#records.remove([id])
      this.#drop(object)
      throw error
    }
  }

  async depart (object: SupervisedObject, to: NodeId): Promise<void> {
    const { id } = object.record
    await object.leave()
    await this.#records.remove([id])
    object.depart(to)
    this.upcalls.drop(id)
    this.#drop(object)
    await this.driverOf(object).remove(id).catch(ignoreFault)
    this.#ports.events.emit('objectMoved', { object: id, to })
  }

  settleBy (judge: (object: SupervisedObject) => Promise<Beginning | 'gone'>): void {
    this.#judge = judge
  }

  async remove (id: ObjectId): Promise<void> {
    const object = this.get(id)
    if (!object.hasEnded) {
      throw new CloudError('EBUSY', `Object ${id} has not ended; kill it first.`, { fields: { object: id } })
    }
    if (object.record.arrival !== undefined) {
      throw new CloudError('EBUSY', `Where object ${id} came from does not know yet that it is here; try again soon.`)
    }
    await this.driverOf(object).remove(id)
    await this.#records.remove([id])
    this.#drop(object)
    this.#ports.events.emit('objectRemoved', { object: id })
  }

  promises (): NodePromises {
    return this.#promised.state()
  }

  published (): Iterable<PublishedObject> {
    return this.#doors.published(this.#objects.values())
  }

  portsOf (id: ObjectId): Readonly<Record<string, number>> {
    return this.get(id).ports
  }

  async expose (id: ObjectId, change: PortChange): Promise<Readonly<Record<string, number>>> {
    return await this.#doors.expose(this.get(id), change)
  }

  listen (id: ObjectId, port: string): Cancel {
    return this.#doors.listen(this.get(id), port)
  }

  async #take ({ cp, spec, objects, reservation, rights }: HostRequest): Promise<void> {
    const { clock, events } = this.#ports
    this.#checkOpen()
    if (reservation !== undefined) this.#reservations.use(reservation, objects.length)
    this.#checkRoom(spec, objects.length)
    const records = objects.map(({ id, name }): ObjectRecord => ({
      id, cp, name, spec, spawnedAtMs: clock.wallMs(), token: toHex(this.#random.bytes(16)), attempt: 0, killed: false,
      startedAtMs: undefined, endedAtMs: undefined, exit: undefined, outputs: [], rights
    }))
    // Counted before the first wait, so that no other request can be promised the same room.
    const added = records.map(record => this.#add(record))
    const written = this.#records.write(records)
    for (const { id } of objects) this.#hosting.set(id, written)
    try {
      await written
    } catch (error) {
      for (const object of added) this.#drop(object)
      throw error
    } finally {
      for (const { id } of objects) this.#hosting.delete(id)
    }
    for (const object of added) {
      events.emit('objectSpawned', { object: object.record.id, name: object.record.name ?? '' })
      this.#live(object, { again: false })
    }
  }

  async #takeUp (object: SupervisedObject): Promise<void> {
    const { departure, arrival, keepers } = object.record
    const isOnItsWay = departure !== undefined || arrival !== undefined || keepers !== undefined
    const verdict = isOnItsWay ? await this.#judge(object) : { again: true }
    if (verdict !== 'gone') this.#live(object, verdict)
  }

  #live (object: SupervisedObject, how: Beginning): void {
    void object.live(how).then(() => {
      this.#promise(object, -1)
      this.upcalls.drop(object.record.id)
    })
  }

  #add (record: ObjectRecord): SupervisedObject {
    const object = this.#make(record)
    this.#enter(object)
    return object
  }

  #enter (object: SupervisedObject): void {
    const { id, token } = object.record
    this.#objects.set(id, object)
    this.#tokens.set(token, id)
    if (!object.hasEnded) this.#promise(object, 1)
  }

  #make (record: ObjectRecord): SupervisedObject {
    const { blobs, clock, events, log, node, socketPath } = this.#ports
    const { driver } = record.spec.program
    return new SupervisedObject(record, {
      clock, random: this.#random, blobs, events, log, node, metrics: this.#metrics, records: this.#records,
      fetches: this.#fetches, starts: this.#starts, driver: this.#drivers.get(driver) ?? createAbsentDriver(driver),
      env: ({ id, token, name }) => ({
        WELKIN_OBJECT: id, WELKIN_TOKEN: token, WELKIN_NODE: node.name,
        ...name === undefined ? {} : { WELKIN_NAME: name },
        ...socketPath === undefined ? {} : { WELKIN_SOCKET: socketPath }
      })
    })
  }

  #drop (object: SupervisedObject): void {
    object.close()
    this.#objects.delete(object.record.id)
    this.#tokens.delete(object.record.token)
    if (!object.hasEnded) this.#promise(object, -1)
  }

  #promise ({ record: { spec } }: SupervisedObject, sign: 1 | -1): void {
    if (sign === 1) this.#promised.add(spec)
    else this.#promised.release(spec)
    this.#metrics.live.set(this.#promised.objects)
  }

  #checkOpen (): void {
    if (this.#closedSince === undefined) return
    throw noRoom(`This node takes no objects: ${this.#closedSince}.`, { node: this.#ports.node.id, room: 0 })
  }

  #checkRoom (spec: ObjectSpec, count: number): void {
    const { room, why } = this.#promised.roomFor(spec)
    if (count <= room) return
    this.#metrics.refused.add(count)
    throw noRoom(`This node has no room for ${count} more: ${why}.`, { node: this.#ports.node.id, count, room })
  }

  /** Forgets the ended objects that are too old or too many, the oldest first. */
  async #sweep (): Promise<void> {
    const { clock, log } = this.#ports
    const ended = [...this.#objects.values()].filter(({ hasEnded }) => hasEnded)
    const surplus = surplusOf(ended, this.#options, clock.wallMs())
    await mapConcurrently(surplus, REMOVE_WIDTH, async ({ record: { id } }) => {
      try {
        await this.remove(id)
      } catch (error) {
        if (!isCloudError(error)) throw error
        log.warn('processes.ended_object_not_removed', { object: id, code: error.code })
      }
    })
  }
}
