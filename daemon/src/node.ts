import { SYSCALL_PROTOCOL } from '@welkin/abi'
import type { Resource } from '@welkin/capability'
import {
  cloudOf, CloudError, DNS_LABEL, toHex, type Cancel, type Clock, type Dialer, type Directory, type Disk, type Driver,
  type Events, type Gossip, type Incoming, type Keys, type Link, type Located, type Logger, type Machine,
  type Measurement, type Membership, type MetricRegister, type NodeId, type ObjectId, type Passwords,
  type ProgramUpcalls, type Random, type Transport, type Zone
} from '@welkin/interface'
import { createNaming, type Naming } from '@welkin/naming'
import { createSyscalls, type Syscalls } from '@welkin/syscalls'
import { Dispatcher, OPEN, principalOf, resourceNames } from './dispatch/index.ts'
import {
  createAuthentication, serveAuthentication, type Admission, type Authentication
} from './kernel/authentication/index.ts'
import { createBlobs, serveBlobs } from './kernel/blobs/index.ts'
import { Communication, serveCommunication } from './kernel/communication/index.ts'
import { createDirectory } from './kernel/directory/index.ts'
import { EventLog, serveEvents } from './kernel/events/index.ts'
import { createMeasurement, serveMeasurement } from './kernel/measurement/index.ts'
import { createNames, serveNames } from './kernel/names/index.ts'
import { createMigration, serveMigration } from './kernel/migration/index.ts'
import { chooseNodes, servePlacement } from './kernel/placement/index.ts'
import { createLocator, createProcesses, serveProcesses, type Processes } from './kernel/processes/index.ts'
import { createRelays } from './kernel/relays/index.ts'
import { createResources, Finder, serveResources } from './kernel/resources/index.ts'
import { resolveNodeOptions } from './options.ts'
import { programUpcalls } from './program-upcalls.ts'
import { wordsFor } from './sandboxes.ts'
import { VERSION } from './version.ts'

type Find = Parameters<typeof servePlacement>[0]['find']
type ChooseArgs = Parameters<Parameters<typeof createMigration>[0]['choose']>

/** The world, as one node sees it. */
export interface NodePorts {
  clock: Clock
  random: Random
  keys: Keys
  passwords: Passwords
  transport: Transport
  gossip: Gossip
  disk: Disk
  /** What listens on this machine. */
  dialer: Dialer
  machine: Machine
  log: Logger
  metrics: MetricRegister
  /** `linkFor` gives an object its way back in; `upcalls` are the way to it. */
  drivers: (linkFor: (object: ObjectId) => Link, upcalls: ProgramUpcalls) => readonly Driver[]
}

export interface NodeSettings {
  name: string
  zone: Zone
  /** Addresses of nodes through which to join. */
  join?: readonly string[]
  /** What a CPU costs here for an hour. */
  price?: number | undefined
  /** How it comes to belong to a cloud; left out: the cloud is open, and whoever reaches a node may use it. */
  admission?: Admission | undefined
  /** Where tasks find the daemon's socket. */
  socketPath?: string
  /** See `options.ts`; unknown or unfit ones are refused. */
  options?: unknown
}

/** One node of the cloud. */
export interface Node {
  readonly id: NodeId
  readonly events: Events
  readonly membership: Membership
  readonly measurement: Measurement
  readonly processes: Processes
  readonly directory: Directory
  readonly communication: Communication
  /** For gateways. */
  readonly dispatcher: Dispatcher
  readonly naming: Naming
  /** Calls on the node's own account, for gateways whose callers are nobody in particular. */
  readonly asMember: Syscalls
  /** Undefined in an open cloud. */
  readonly authentication: Authentication | undefined
  /** A way in for whoever runs this node. */
  readonly link: Link
  /** Lets go of everything; tasks that can run on, do. */
  stop (): Promise<void>
}

/**
 * Wires the kernel and starts it: the same code on a real machine and in virtual time. Resolves when the node answers
 * calls; it then joins in its own time. Rejects EINVAL (options), EBUSY, ESTALE, EIO (disk).
 */
export async function createNode (ports: NodePorts, settings: NodeSettings): Promise<Node> {
  const { name, zone, join = [], price, socketPath, admission } = settings
  if (!DNS_LABEL.test(name)) {
    throw new CloudError('EINVAL', `"${name}" is no name for a node; use a DNS label, e.g. n1 or rack7-2.`)
  }
  const options = resolveNodeOptions(settings.options ?? {})
  const { clock, disk, gossip, keys, log, machine, metrics, random } = ports
  const node = { id: keys.self, name, zone }
  const events = new EventLog(node.id, ports)
  const authentication = admission === undefined
    ? undefined
    : await createAuthentication({ ...ports, events }, { zone, price, admission })
  const access = authentication ?? OPEN
  const open = authentication?.transport ?? ports.transport
  const measurement = createMeasurement(
    { clock, random, transport: open, log, metrics, peers: () => peersOf(membership) }, options.measurement)
  const { transport } = measurement
  const calls = new Dispatcher({ ...ports, access, transport })
  const linkFor = (id: ObjectId): Link => calls.link({ kind: 'object', id })
  const drawRequestId = (): string => toHex(random.bytes(16))
  const upcalls = programUpcalls(() => processes, linkFor, drawRequestId)
  const drivers = await healthyDrivers(ports.drivers(linkFor, upcalls), log)

  const membership = createResources(
    {
      clock, random, keys, transport, gossip, disk, machine, calls, events, log, metrics, members: authentication,
      promises: () => processes.promises(),
      coordinate: () => measurement.coordinate(),
      measured: (peer, coordinate, rttMs) => measurement.observe(peer, coordinate, rttMs)
    },
    {
      name, zone, price, join: [...join, ...authentication?.doors ?? []], version: VERSION,
      drivers: drivers.flatMap(wordsFor)
    }, options.resources)
  transport.relay(createRelays({ membership, measurement }))
  const directory = createDirectory(
    { clock, random, keys, transport, membership, measurement, log, metrics }, options.directory)
  const blobs = createBlobs({ clock, disk, keys, random, log, metrics, membership, calls })
  const processes = createProcesses(
    { clock, random, disk, drivers, blobs, events, log, metrics, socketPath, node, machine: await machine.facts() },
    options.processes)
  const locator = createLocator({ calls, membership, processes, log })
  const cloud = cloudOf(zone)
  const names = createNames({
    ...ports, access, cloud, directory, events, locator, membership, published: () => processes.published()
  }, options.names)
  const finder = new Finder({ calls, random, transport, log, measurement, membership, locator })

  const find: Find = async (request, patience) => await finder.find(request, patience)
  // As a member, so that whoever finds something by it learns no more than members may.
  const asMember = createSyscalls(calls.link({ kind: 'node', id: node.id }), { drawRequestId })
  const naming = createNaming({ syscalls: asMember, clock, random: random.fork('naming'), log })
  const communication = new Communication(
    { ...ports, calls, events, objects: processes, resolver: naming }, options.communication)

  const migrationPorts = {
    access, blobs, calls, carriers: [communication.mail], clock, disk, events, keys, locator, log, measurement, metrics,
    objects: processes, random, self: node.id, zone,
    others: () => membership.nodes().filter(({ id, state }) => id !== node.id && state === 'up'),
    choose: async (...[spec, wanted, patience]: ChooseArgs) =>
      await chooseNodes({ calls, membership, random, find }, spec, wanted, patience)
  }
  const migration = createMigration(migrationPorts, options.migration)

  const resourceOf = (id: ObjectId): Resource | undefined => {
    const rights = processes.rightsOf(id)
    return rights === undefined ? undefined : { owner: rights.owner, names: resourceNames(rights) }
  }
  calls.route(membership, locator, resourceOf)
  authentication?.know(id => processes.rightsOf(id))
  const cancels: Cancel[] = [
    ...serveProcesses({ access, calls, log, membership, processes }),
    ...serveCommunication({
      calls, clock, communication, objects: processes,
      principalOf: caller => authentication?.principalOf(caller) ?? principalOf(caller)
    }),
    ...serveBlobs({ blobs, calls, membership }),
    ...serveResources({ calls, membership, finder, measurement }),
    ...serveNames({ access, calls, cloud, locator, log, membership, names }),
    serveMeasurement({ calls, drivers, machine, measurement, membership }),
    serveEvents({ access, clock, random, calls, events, membership, log }),
    servePlacement({
      access, clock, random, log, calls, membership,
      find
    }),
    ...serveMigration({ ...migrationPorts, migration }),
    calls.serve('whoami', async (_args, { caller }) => ({
      principal: principalOf(caller), node: node.id, nodeName: name, zone, version: VERSION,
      ...authentication?.describe(caller)
    })),
    ...authentication === undefined ? [] : serveAuthentication({
      authentication, calls, events, membership, objects: () => processes.promises().objects, ...ports
    }),
    transport.serve(SYSCALL_PROTOCOL, calls.handler<Incoming>(({ peer }, { chain }) => access.callerOf(peer, chain)))
  ]
  const stop = async (): Promise<void> => {
    await names.stop()
    await directory.stop()
    await membership.stop()
    await measurement.stop()
    for (const cancel of cancels.splice(0)) cancel()
    naming.stop()
    await communication.stop()
    await migration.stop()
    await processes.stop()
    await authentication?.stop()
  }
  try {
    await authentication?.start()
    await processes.start()
    await migration.start()
    await communication.start()
    await measurement.start()
    await membership.start()
    await directory.start()
    await names.start()
  } catch (error) {
    await stop()
    throw error
  }
  events.emit('nodeStarted', { name, zone })
  const link = calls.link({ kind: 'owner' })
  return {
    id: node.id, events, membership, measurement, processes, directory, communication, dispatcher: calls,
    naming, asMember, authentication, link, stop
  }
}

/**
 * Whom there is to be measured: those of this site that it speaks with anyway, since a connection costs more than a
 * thousand probes, and nodes of other sites.
 */
function peersOf (membership: Membership): readonly Located[] {
  return [...membership.neighbours(), ...membership.contacts()]
}

/** Those that work on this machine; what hinders the others is told once. */
async function healthyDrivers (drivers: readonly Driver[], log: Logger): Promise<Driver[]> {
  const healthy: Driver[] = []
  for (const driver of drivers) {
    const { health, reason } = await driver.facts()
    if (reason !== undefined) log.info('node.driver_limited', { driver: driver.name, health, reason })
    if (health === 'healthy') healthy.push(driver)
  }
  return healthy
}
