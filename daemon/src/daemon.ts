import { randomBytes } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createBuiltinDriver } from '@welkin/driver-builtin'
import { createNativeDriver } from '@welkin/driver-native'
import { createWasmDriver } from '@welkin/driver-wasm'
import { cloudOf, CloudError, isZone, type LogLevel, type Logger } from '@welkin/interface'
import { checkAddress, createLibp2pOverlay } from '@welkin/overlay-libp2p'
import {
  createNodeClock, createNodeDialer, createNodeKeys, createNodeLogger, createNodeMachine, createNodeMetrics,
  createNodePasswords, createNodeRandom, loadSeed, openNodeDisk
} from '@welkin/platform-node'
import { createSyscalls } from '@welkin/syscalls'
import { parseDnsAddress, serveDns } from './gateway/dns/index.ts'
import { serveHttp } from './gateway/http/index.ts'
import { serveProxy } from './gateway/proxy/index.ts'
import { serveOwner, serveTasks } from './gateway/unix-socket.ts'
import { followLinkFile } from './link-file.ts'
import type { Admission } from './kernel/authentication/index.ts'
import { MODULES } from './modules/index.ts'
import { createNode, type Node } from './node.ts'
import { writeNodeFile, writeWhole, type NodeFile } from './node-file.ts'
import { programCalls } from './program-calls.ts'
import { programConversations } from './program-conversations.ts'
import { undoAll, type Undo } from './undo.ts'
import { VERSION } from './version.ts'

export interface DaemonOptions {
  /** Everything that this node keeps is below it. */
  dataDir: string
  /** For people; default: this machine's name. */
  name?: string | undefined
  zone?: string | undefined
  /** Multiaddrs. */
  listen?: readonly string[] | undefined
  /** Multiaddrs of nodes through which to join. */
  join?: readonly string[] | undefined
  /** By which it becomes a member of a cloud, at its first start; left out then: it makes a cloud of its own. */
  ticket?: string | undefined
  /** False: it is a node of an open cloud, where whoever reaches one may ask everything. For benches. */
  guarded?: boolean | undefined
  /** A port, 0 for any free one, or false for none. */
  http?: number | false | undefined
  /** The port of the SOCKS and HTTP proxy to names of the cloud, 0 for any free one, or false for none. */
  proxy?: number | false | undefined
  /** Where DNS is served: a port, or IP:PORT (0: any free one), or false for nowhere; default: any of loopback. */
  dns?: string | false | undefined
  logLevel?: LogLevel | undefined
  profile?: 'local' | 'datacenter' | 'wan' | undefined
  /** What a CPU costs here for an hour, in the cloud's own money. */
  price?: number | undefined
  /** A table of links (`packages/links`) by which all daemons of this machine go; read again when it changes. */
  links?: string | undefined
}

export interface RunningDaemon {
  readonly info: NodeFile
  /** For whoever lives in the same process. */
  readonly node: Node
  /** Lets go of everything. Objects run on unless `endObjects`. */
  stop (options?: { endObjects?: boolean }): Promise<void>
}

/** What tasks may use of us: the client library, and the command. */
const INSTALLATION = resolve(fileURLToPath(new URL('../../../', import.meta.url)))
/** Client libraries for programs in other languages. */
const CLIENTS = join(INSTALLATION, 'syscalls', 'clients')

const ANY_PORT = '/ip4/127.0.0.1/tcp/0'
const END_GRACE_MS = 2000
/** Those who ask by the proxy wait so long for somebody to be there. */
const PROXY_PATIENCE_MS = 30_000

/**
 * Runs a node on this machine; resolves when it answers calls. Rejects EBUSY (another daemon has the directory),
 * EADDRINUSE, EACCES (an address that others can reach), EINVAL, ESTALE, EIO, with nothing left behind.
 */
export async function runDaemon (options: DaemonOptions): Promise<RunningDaemon> {
  const undo: Undo = []
  try {
    const { info, node } = await assemble(options, undo)
    return {
      info,
      node,
      stop: async ({ endObjects = false } = {}) => {
        if (endObjects) await endAll(node)
        await undoAll(undo)
      }
    }
  } catch (error) {
    await undoAll(undo)
    throw error
  }
}

/** Starts the parts one after the other; how to undo each goes to `undo`. */
async function assemble (options: DaemonOptions, undo: Undo) {
  const { zone = 'local/site1/rack1', listen = [ANY_PORT], join: known = [], http = 0, proxy = 0, profile } = options
  const name = options.name ?? labelOf(hostname())
  const dataDir = resolve(options.dataDir)
  if (!isZone(zone)) {
    throw new CloudError('EINVAL', `"${zone}" is no zone; give one to three labels, e.g. acme/lyon/r1.`)
  }
  for (const address of known) checkAddress(address)
  if (options.dns) parseDnsAddress(options.dns)
  const socketPath = join(dataDir, 'welkin.sock')
  const door = join(dataDir, 'door')

  const clock = createNodeClock()
  const random = createNodeRandom()
  const log = createNodeLogger({ level: options.logLevel ?? 'info', stream: process.stderr, fields: { name } })
  const metrics = createNodeMetrics()
  const seed = await loadSeed(dataDir)
  const keys = createNodeKeys(seed)
  const disk = await openNodeDisk(join(dataDir, 'disk'), keys.self)
  undo.push(async () => { await disk.close() })
  await mkdir(door, { recursive: true, mode: 0o711 })
  const links = options.links === undefined ? undefined : await followLinkFile(options.links, { clock, log })
  if (links !== undefined) undo.push(async () => { links.stop() })
  const overlay = await createLibp2pOverlay({ clock, random, log, metrics }, {
    seed, listen, ...links === undefined ? {} : { links: links.between }
  })
  undo.push(async () => { await overlay.stop() })

  const { transport, gossip } = overlay
  const node = await createNode({
    clock, random, keys, passwords: createNodePasswords(), transport, gossip, disk, log, metrics,
    dialer: createNodeDialer(),
    machine: createNodeMachine(dataDir),
    drivers: (linkFor, upcalls) => [
      createNativeDriver({
        directory: join(dataDir, 'native'), clock, log, upcalls, env: { WELKIN_CLIENTS: CLIENTS },
        shown: [INSTALLATION], hidden: [dataDir], doors: [door], passable: [dataDir]
      }),
      createBuiltinDriver({
        clock, log, keys, modules: MODULES, linkFor, drawRequestId,
        syscallsOver: link => createSyscalls(link, { drawRequestId })
      }),
      createWasmDriver({
        directory: join(dataDir, 'wasm'), clock, log, call: programCalls(linkFor),
        conversations: programConversations(linkFor, drawRequestId)
      })
    ]
  }, {
    name, zone, join: known, price: options.price, socketPath: join(door, 'tasks.sock'),
    admission: admissionOf(options),
    options: profile === undefined ? {} : { profile }
  })
  undo.push(async () => { await node.stop() })

  const sockets = await Promise.all([
    serveOwner(socketPath, { node, clock, log }), serveTasks(join(door, 'tasks.sock'), { node, clock, log })
  ])
  undo.push(async () => { await Promise.all(sockets.map(async socket => { await socket.close() })) })
  const renderMetrics = async (): Promise<string> => await metrics.render()
  const gateway = http === false ? undefined : await openHttp(http, dataDir, node, log, renderMetrics)
  if (gateway !== undefined) undo.push(async () => { await gateway.close() })
  if (node.authentication !== undefined) node.authentication.sessions.gateway = gateway?.url

  const ways = proxy === false ? undefined : await openProxy(proxy, node, log)
  if (ways !== undefined) undo.push(async () => { await ways.close() })

  const { dns = '0' } = options
  const cloud = cloudOf(zone)
  const domain = dns === false
    ? undefined
    : await serveDns(
      { names: node.naming, syscalls: node.asMember, clock, log, metrics },
      { ...parseDnsAddress(dns), cloud, nodeName: name })
  if (domain !== undefined) undo.push(async () => { await domain.close() })

  const info: NodeFile = {
    id: node.id, name, zone, addresses: transport.addresses(), socket: socketPath, http: gateway?.url ?? null,
    dns: domain?.address ?? null,
    proxy: ways?.address ?? null,
    pid: process.pid, version: VERSION, startedAtMs: clock.wallMs()
  }
  undo.push(await writeNodeFile(dataDir, info))
  log.info('daemon.started', { node: node.id, name, zone, addresses: info.addresses, http: info.http, dns: info.dns })
  return { info, node }
}

/** How it comes to belong to a cloud: a node that is to join others does not make a cloud of its own. */
function admissionOf ({ guarded = true, ticket, join: known = [] }: DaemonOptions): Admission | undefined {
  if (!guarded) return undefined
  if (ticket !== undefined) return { by: 'ticket', ticket }
  return known.length > 0 ? { by: 'record' } : { by: 'founding' }
}

async function openHttp (port: number, dataDir: string, node: Node, log: Logger, renderMetrics: () => Promise<string>) {
  return await serveHttp({ port, token: await httpToken(dataDir), node, log, renderMetrics })
}

/** Whoever reaches it is nobody in particular: it asks for the node itself. */
async function openProxy (port: number, { id, communication }: Node, log: Logger) {
  const dial = async (target: string) => {
    return await communication.dial({ kind: 'node', id }, target, { patienceMs: PROXY_PATIENCE_MS })
  }
  return await serveProxy({ port, dial, log })
}

/** The secret that HTTP callers show, made at the first start. */
async function httpToken (dataDir: string): Promise<string> {
  const path = join(dataDir, 'http.token')
  try {
    return (await readFile(path, 'utf8')).trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    const token = randomBytes(24).toString('base64url')
    await writeWhole(path, `${token}\n`)
    return token
  }
}

async function endAll (node: Node): Promise<void> {
  const living = [...node.processes.all()].filter(({ hasEnded }) => !hasEnded)
  const syscalls = createSyscalls(node.link, { drawRequestId })
  await Promise.all(living.map(async ({ record: { id } }) => await syscalls.kill({ id, graceMs: END_GRACE_MS })))
}

function drawRequestId (): string {
  return randomBytes(16).toString('hex')
}

/** A machine's name as a node's: its first label, without what a label cannot hold. */
function labelOf (machine: string): string {
  const label = (machine.split('.')[0] ?? '').toLowerCase().replaceAll(/[^a-z0-9-]/g, '-').replaceAll(/^-+|-+$/g, '')
  return label === '' ? 'node' : label.slice(0, 63)
}
