import type {
  Clock, Coordinate, Keys, Logger, Machine, MachineFacts, MachineLoad, Members, NodePromises, Random,
  Transport, Zone
} from '@welkin/interface'
import { isCloudError } from '@welkin/interface'
import { changeOf, type Change } from './change.ts'
import { handleOf, type Handle } from './handle.ts'
import { sealFacts, sealVitals, type FactsStatement, type VitalsStatement } from './statement.ts'
import type { Stamp } from './stamp.ts'
import { rounded, type Vitals } from './vitals.ts'

/** What a node's record has room for. */
const ADDRESSES_MAX = 32

export interface OwnNodePorts {
  clock: Clock
  keys: Keys
  log: Logger
  machine: Machine
  members?: Members | undefined
  random: Random
  transport: Transport
  /** What this node has promised to objects, as of now. */
  promises: () => NodePromises
  coordinate: () => Coordinate | undefined
}

/** What this node says of itself for good. */
export interface OwnFacts {
  name: string
  zone: Zone
  version: string
  drivers: readonly string[]
  /** What a CPU costs here for an hour. */
  price?: number | undefined
}

export interface OwnNodeOptions {
  /** What has changed a little waits for so long … */
  slightMs: number
  /** … and what has not changed is said again after so long. */
  refreshMs: number
}

/** What this node says of itself, and when it says it again. */
export class OwnNode {
  readonly handle: Handle
  readonly #ports: OwnNodePorts
  readonly #facts: OwnFacts
  readonly #options: OwnNodeOptions
  readonly #machine: MachineFacts
  #stamp: Stamp
  #load: MachineLoad
  #statedMs = 0
  /** Until the next refresh: drawn anew each time, so that nodes that were started together do not speak together. */
  #refreshMs = 0
  facts: FactsStatement
  vitals: VitalsStatement

  /** Throws EINVAL for facts that every other node would refuse. */
  constructor (
    ports: OwnNodePorts, facts: OwnFacts, options: OwnNodeOptions,
    { incarnation, machine, load }: { incarnation: number, machine: MachineFacts, load: MachineLoad }
  ) {
    this.handle = handleOf(ports.keys.self, ports.keys)
    this.#ports = ports
    this.#facts = facts
    this.#options = options
    this.#machine = machine
    this.#load = load
    this.#stamp = { incarnation, version: 0 }
    this.facts = this.#sealFacts()
    this.vitals = this.#sealVitals(this.#vitals(false))
  }

  /** Rejects EINVAL for facts that every other node would refuse, EIO when the machine does not tell. */
  static async create (
    ports: OwnNodePorts, facts: OwnFacts, options: OwnNodeOptions, incarnation: number
  ): Promise<OwnNode> {
    const [machine, load] = [await ports.machine.facts(), await ports.machine.load()]
    return new OwnNode(ports, facts, options, { incarnation, machine, load })
  }

  /** Looks at the load; says what there is to be told now, if anything, and how much of a change it is. */
  async review (): Promise<Change> {
    const load = await this.#readLoad()
    this.#load = load ?? this.#load
    if (String(this.#addresses()) !== String(this.facts.facts.addresses)) {
      this.facts = this.#sealFacts()
      this.vitals = this.#sealVitals(this.#vitals(false))
      return 'urgent'
    }
    const vitals = this.#vitals(false)
    const change = changeOf(this.vitals.vitals, rounded(vitals))
    const passedMs = this.#ports.clock.monotonicMs() - this.#statedMs
    if (change === 'none' && passedMs < this.#refreshMs) return 'none'
    if (change === 'slight' && passedMs < this.#options.slightMs) return 'none'
    this.vitals = this.#sealVitals(vitals)
    return change === 'urgent' ? 'urgent' : 'slight'
  }

  /** Says the same once more, so that it stands above `stamp`: a denial of what was said of this node. */
  restate (stamp: Stamp): void {
    if (stamp.incarnation > this.#stamp.incarnation) {
      this.#stamp = { incarnation: stamp.incarnation + 1, version: 0 }
      this.facts = this.#sealFacts()
    }
    this.#stamp = { ...this.#stamp, version: Math.max(this.#stamp.version, stamp.version + 1) }
    this.vitals = this.#sealVitals(this.#vitals(false))
  }

  /** The last word. */
  leave (): void {
    this.vitals = this.#sealVitals(this.#vitals(true))
  }

  async #readLoad (): Promise<MachineLoad | undefined> {
    const { log, machine } = this.#ports
    try {
      return await machine.load()
    } catch (error) {
      if (!isCloudError(error)) throw error
      log.warn('resources.load_unknown', { code: error.code, reason: error.message })
      return undefined
    }
  }

  #vitals (leaving: boolean): Vitals {
    const { coordinate, promises } = this.#ports
    return { load: { ...this.#load, ...promises() }, coordinate: coordinate(), price: this.#facts.price, leaving }
  }

  #addresses (): readonly string[] {
    return this.#ports.transport.addresses().slice(0, ADDRESSES_MAX)
  }

  #sealFacts (): FactsStatement {
    const { name, zone, version, drivers } = this.#facts
    const { keys, members } = this.#ports
    const certificate = members === undefined ? {} : { certificate: members.certificate }
    return sealFacts({
      id: keys.self, name, zone, version, drivers, addresses: this.#addresses(), machine: this.#machine, ...certificate
    }, this.#nextStamp(), keys)
  }

  #sealVitals (vitals: Vitals): VitalsStatement {
    const { clock, random } = this.#ports
    this.#statedMs = clock.monotonicMs()
    this.#refreshMs = this.#options.refreshMs * (0.5 + random.unit() / 2)
    return sealVitals(vitals, this.handle, this.#nextStamp(), this.#ports.keys)
  }

  #nextStamp (): Stamp {
    const stamp = this.#stamp
    this.#stamp = { ...stamp, version: stamp.version + 1 }
    return stamp
  }
}
