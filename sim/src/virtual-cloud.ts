import { createNode, type Admission, type Node, type NodePorts } from '@welkin/daemon'
import { createBuiltinDriver, type BuiltinModule } from '@welkin/driver-builtin'
import {
  zoneContains, type Cancel, type Gossip, type Handler, type Link, type MachineFacts, type NodeId, type ObjectId,
  type Random, type Transport, type Zone
} from '@welkin/interface'
import { linksByZone, linksOf, type LinksBetween, type LinkTable, type Place } from '@welkin/links'
import { Network, type Delivery } from '@welkin/overlay-virtual'
import { createVirtualRandom, KeyAuthority, Timeline, VirtualMachine, type LogEntry } from '@welkin/platform-virtual'
import { createSyscalls, type Syscalls } from '@welkin/syscalls'
import type { Capacity, Cloud, Sent, UntilOptions, View, Work } from './cloud.ts'
import { Root } from './root.ts'
import { Trace } from './trace.ts'

export interface VirtualCloudOptions {
  seed: string | number
  places: readonly Place[]
  /** Default: by what the nodes' zones have in common. */
  links?: LinksBetween
  /** Whether nodes belong to it by certificates, and calls need capabilities. Default: it is open. */
  guarded?: boolean
  /** Options of every node, see `daemon/src/options.ts`. */
  nodeOptions?: unknown
  /** What all machines are, where it is not the usual. */
  machine?: Partial<MachineFacts> & { diskBytes?: number }
  /** Built-in modules that nodes have beside the driver of modelled programs. */
  modules?: Readonly<Record<string, BuiltinModule>>
  /** Is told each line of the trace. */
  onMark?: (line: string) => void
  /** Is told what befalls daemons: `started`, `crashed` and so on. */
  onLife?: (what: string, name: NodeId) => void
  /** Is given each node when it has started. */
  onNode?: (node: Node) => void
  /** Is told all that the nodes log. */
  log?: (entry: LogEntry) => void
}

/** How a daemon speaks to others, and answers them. */
export interface Ways { transport: Transport, gossip: Gossip, handlers: Map<string, Handler> }

/** What is worth a line of the trace; the rest follows from it. */
const TRACED_LEVELS: readonly LogEntry['level'][] = ['info', 'warn', 'error']

/** Where those stand who have a name, but no machine: nodes look for whoever they are told of. */
const NOWHERE: Zone = 'nowhere'

/** Machines, a network between them, and the daemon's own code on each, in virtual time. */
export class VirtualCloud implements Cloud {
  readonly timeline = new Timeline()
  readonly random: Random
  readonly network: Network
  /** Makes keys for whoever joins in beside the cloud's own nodes. */
  readonly authority: KeyAuthority
  readonly trace: Trace
  /** Undefined where the cloud is open. */
  readonly root: Root | undefined
  readonly places: readonly Place[]
  readonly machines: ReadonlyMap<NodeId, VirtualMachine>
  readonly #places: ReadonlyMap<NodeId, Place>
  readonly #nodes = new Map<NodeId, Node>()
  readonly #overlays = new Map<NodeId, Pick<Ways, 'transport' | 'gossip'>>()
  readonly #nodeOptions: unknown
  readonly #modules: Readonly<Record<string, BuiltinModule>> | undefined
  readonly #onMark: ((line: string) => void) | undefined
  readonly #onLife: ((what: string, name: NodeId) => void) | undefined
  /** Delivered from one node to another. */
  readonly #called = { calls: 0, payloadBytes: 0 }
  readonly #onNode: ((node: Node) => void) | undefined
  #requests = 0

  constructor (options: VirtualCloudOptions) {
    const { seed, places, links, guarded = false, nodeOptions, machine, log = () => {} } = options
    this.random = createVirtualRandom(seed)
    const authority = this.authority = new KeyAuthority(this.random.fork('authority'))
    this.trace = new Trace(authority.keysOf('trace').digest())
    if (guarded) this.root = new Root(authority.keysOf('root'), this.random.fork('root'))
    this.places = places
    this.#nodeOptions = nodeOptions
    this.#onMark = options.onMark
    this.#modules = options.modules
    this.#onLife = options.onLife
    this.#onNode = options.onNode
    this.#places = new Map(places.map(place => [place.name, place]))
    this.network = new Network({
      timeline: this.timeline,
      random: this.random.fork('network'),
      links: links ?? linksByZone(name => this.#places.get(name)?.zone ?? NOWHERE),
      observe: delivery => { this.#traceDelivery(delivery) }
    })
    const onLog = (entry: LogEntry): void => {
      this.#traceLog(entry)
      log(entry)
    }
    const { diskBytes, ...facts } = machine ?? {}
    const disk = diskBytes === undefined ? {} : { capacityBytes: diskBytes }
    this.machines = new Map(places.map(({ name }) => [name, new VirtualMachine({
      timeline: this.timeline, random: this.random, authority, name, log: onLog, facts, disk
    })]))
  }

  get nowMs (): number {
    return this.timeline.nowMs
  }

  get machine (): Capacity {
    return (this.machines.get(this.places[0]?.name as NodeId) as VirtualMachine).facts
  }

  zoneOf (name: NodeId): Zone {
    return (this.#places.get(name) as Place).zone
  }

  placeOf (name: NodeId): Place | undefined {
    return this.#places.get(name)
  }

  /** The links are those of a table from now on; its rules speak of the nodes by their names and zones. */
  useLinks (table: LinkTable): void {
    this.network.useLinks(linksOf(table, name => this.#places.get(name)))
  }

  /** The names of the nodes in a zone. */
  namesIn (zone: Zone): NodeId[] {
    return this.places.filter(place => zoneContains(zone, place.zone)).map(({ name }) => name)
  }

  /** The node that runs under this name now. */
  node (name: NodeId): Node | undefined {
    return this.machines.get(name)?.isUp === true ? this.#nodes.get(name) : undefined
  }

  /** The ways to others of the daemon that runs under this name now. */
  waysOf (name: NodeId): Ways | undefined {
    const [overlay, host] = [this.#overlays.get(name), this.network.hostOf(name)]
    if (this.node(name) === undefined || overlay === undefined || host === undefined) return undefined
    return { ...overlay, handlers: host.handlers }
  }

  /** Every node that runs now. */
  nodes (): Node[] {
    return this.places.flatMap(({ name }) => this.node(name) ?? [])
  }

  running (): NodeId[] {
    return this.places.flatMap(({ name }) => this.node(name) === undefined ? [] : name)
  }

  isUp (name: NodeId): boolean {
    return this.machines.get(name)?.isUp === true
  }

  views (): View[] {
    return this.nodes().map(({ id: witness, membership }) =>
      ({ witness, up: membership.nodes().flatMap(({ id, state }) => state === 'up' ? id : []) }))
  }

  isIdle (): boolean {
    return this.nodes().every(({ processes }) => processes.promises().objects === 0)
  }

  programOf ({ seconds, cpu, memory }: Work): { driver: string, argv: string[] } {
    return {
      driver: 'modelled', argv: ['run', '--seconds', seconds, '--cpu', `${cpu}`, '--memory', `${memory}`]
    }
  }

  /**
   * Switches a machine on and starts its daemon, over what its disk holds;
   * never settles when power fails meanwhile. `admission`: in place of a certificate of the cloud's root.
   */
  async start (name: NodeId, join: readonly NodeId[] = [], admission?: Admission): Promise<Node> {
    this.#nodes.delete(name)
    const { life, driver, ...ports } = this.#machine(name).powerOn()
    const overlay = this.network.join(name, { life, clock: ports.clock, log: ports.log })
    this.#overlays.set(name, overlay)
    const drawRequestId = (): string => this.#drawRequestId()
    const modules = this.#modules
    const drivers: NodePorts['drivers'] = linkFor => modules === undefined
      ? [driver]
      : [driver, createBuiltinDriver({
          ...ports, modules, linkFor, drawRequestId,
          syscallsOver: link => createSyscalls(link, { drawRequestId })
        })]
    const node = await createNode({ ...ports, ...overlay, drivers }, {
      name, zone: this.zoneOf(name), join: join.map(peer => `virtual:${peer}`), options: this.#nodeOptions ?? {},
      admission: admission ?? this.#admissionOf(name)
    })
    this.#nodes.set(name, node)
    this.#onNode?.(node)
    this.#tellLife('started', name)
    return node
  }

  /** Cuts a machine's power. */
  powerOff (name: NodeId): void {
    this.#tellLife('powered off', name)
    this.#machine(name).powerOff()
  }

  /** Kills a daemon; its machine and its tasks go on. */
  crash (name: NodeId): void {
    this.#tellLife('crashed', name)
    this.#machine(name).crash()
  }

  /** Stops a daemon where it stands, as SIGSTOP does; its machine and its tasks go on. */
  pause (name: NodeId): void {
    this.#tellLife('paused', name)
    this.#machine(name).pause()
  }

  resume (name: NodeId): void {
    this.#tellLife('resumed', name)
    this.#machine(name).resume()
  }

  /** System calls to the node of this name, as its owner. */
  syscalls (name: NodeId): Syscalls {
    return this.#callsBy(this.#running(name).link)
  }

  /** System calls as an object of the node of this name makes them. */
  objectSyscalls (name: NodeId, id: ObjectId): Syscalls {
    return this.#callsBy(this.#running(name).dispatcher.link({ kind: 'object', id }))
  }

  after (ms: number, act: () => void): void {
    this.timeline.after(ms, act)
  }

  /** Resolves after `ms` of virtual time. */
  async pass (ms: number): Promise<void> {
    await new Promise<void>(resolve => { this.timeline.after(ms, resolve) })
  }

  /** Does `look` now and every `periodMs` of virtual time. */
  every (periodMs: number, look: () => void): Cancel {
    let isOver = false
    const turn = (): void => {
      if (isOver) return
      look()
      this.timeline.after(periodMs, turn)
    }
    turn()
    return () => { isOver = true }
  }

  /** What all nodes have sent so far. */
  sent (): Sent {
    const traffic = this.places.map(({ name }) => this.network.trafficOf(name))
    return {
      ...this.#called,
      messages: traffic.reduce((sum, { sentMessages }) => sum + sentMessages, 0),
      bytes: traffic.reduce((sum, { sentBytes }) => sum + sentBytes, 0)
    }
  }

  /**
   * Looks at `predicate` every `periodMs` until it holds;
   * resolves with how long that took, or undefined after `timeoutMs`.
   */
  async until (
    predicate: () => boolean | Promise<boolean>, { periodMs = 100, timeoutMs }: UntilOptions
  ): Promise<number | undefined> {
    const startMs = this.timeline.nowMs
    while (!await predicate()) {
      if (this.timeline.nowMs - startMs >= timeoutMs) return undefined
      await this.pass(periodMs)
    }
    return this.timeline.nowMs - startMs
  }

  /** A line of the trace. */
  mark (what: string, ...about: readonly unknown[]): void {
    this.#trace(`${this.timeline.nowMs} ${what} ${about.join(' ')}`)
  }

  #admissionOf (name: NodeId): Admission | undefined {
    const { root } = this
    return root === undefined ? undefined : { by: 'certificate', certificate: root.give(name), root: root.key.self }
  }

  #tellLife (what: string, name: NodeId): void {
    this.mark(what, name)
    this.#onLife?.(what, name)
  }

  #callsBy (link: Link): Syscalls {
    return createSyscalls(link, { drawRequestId: () => this.#drawRequestId() })
  }

  #drawRequestId (): string {
    return (++this.#requests).toString(16).padStart(32, '0')
  }

  #running (name: NodeId): Node {
    const node = this.node(name)
    if (node === undefined) throw new Error(`${name} does not run.`)
    return node
  }

  #machine (name: NodeId): VirtualMachine {
    return this.machines.get(name) as VirtualMachine
  }

  #traceDelivery ({ kind, about, from, to, payload }: Delivery): void {
    if (from !== to && (kind === 'request' || kind === 'answer')) {
      this.#called.calls++
      this.#called.payloadBytes += payload.byteLength
    }
    this.#trace(`${this.timeline.nowMs} ${kind} ${about} ${from} ${to} ${payload.byteLength}`)
  }

  #trace (line: string): void {
    this.trace.add(line)
    this.#onMark?.(line)
  }

  #traceLog ({ node, level, event, fields }: LogEntry): void {
    if (TRACED_LEVELS.includes(level) || event === 'events.emitted') this.mark(event, node, JSON.stringify(fields))
  }
}
