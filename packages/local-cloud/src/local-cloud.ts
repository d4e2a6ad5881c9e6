import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { DaemonOptions, NodeFile } from '@welkin/daemon/real'
import { CloudError, didYouMean, DNS_LABEL, type AbortOptions } from '@welkin/interface'
import type { LinkProfile, LinkTable, Place } from '@welkin/links'
import { connect, type Connection } from '@welkin/syscalls/connect'
import {
  endTasks, killDaemon, liveDaemon, readNodeFile, startDaemon, stopDaemon, type StartedDaemon
} from './daemon.ts'
import { removeIfEmpty, withFolder } from './folders.ts'
import { untilJoined } from './joined.ts'
import { linksPath, placeNodes, readLatency } from './local-links.ts'
import { commandLine, runsWith, sendSignal, waitForEnd } from './processes.ts'
import { spreadZones } from './zones.ts'

const RECORD = 'cloud.json'
const TAKE_DOWN_MS = 30_000

/** The pace of the daemons of a cloud whose sites are so far apart. */
const PACES = { lan: 'local', datacenter: 'datacenter', wan: 'wan' } as const satisfies Record<LinkProfile, string>

const REMOVE = { recursive: true, force: true, maxRetries: 10, retryDelay: 50 } as const

export interface LocalNode {
  name: string
  zone: string
  dataDir: string
}

/** Daemons of this machine that make one cloud, for trying things out. Its folder goes when it is taken down. */
export interface LocalCloud {
  name: string
  directory: string
  nodes: LocalNode[]
  /** The process that brought it up, and stays with it in the foreground. */
  startedBy: { pid: number, command: string }
  /** How far apart its sites seem to be; left out: as near as they are, and its links cannot be changed. */
  latency?: LinkProfile
}

/** What is kept of a local cloud in its folder. */
interface CloudRecord extends Pick<LocalCloud, 'name' | 'startedBy' | 'latency'> {
  nodes: Array<{ name: string, zone: string }>
}

export interface LocalCloudShape {
  name: string
  nodes: number
  sites: number
  racks: number
  /** A profile of links, or a file with a table of them or a matrix; left out: none are played. */
  latency?: string
}

/** Called with each node when it answers. */
export type OnStarted = (node: LocalNode, daemon: StartedDaemon) => void

/**
 * Brings a local cloud up in a folder of its name below `local`, and resolves when its nodes have found one another;
 * what a dead one of that name left there goes first. Rejects EEXIST when one of that name is up. What fails on the
 * way, or an abort, takes all of it down again.
 */
export async function bringUp (
  local: string, shape: LocalCloudShape, onStarted: OnStarted, options: AbortOptions
): Promise<LocalCloud> {
  const zones = spreadZones(shape.nodes, shape.sites, shape.racks)
  const nodes = zones.map((zone, at) => ({ name: `n${at + 1}`, zone }))
  const table = shape.latency === undefined ? undefined : await readLatency(shape.latency, nodes)
  const cloud = await prepareCloud(local, { name: shape.name, nodes, table })
  const start = async (node: LocalNode, door: StartNodeOptions): Promise<NodeFile> => {
    const daemon = await startNode(cloud, node, door)
    onStarted(node, daemon)
    return daemon.info
  }
  try {
    const [first, ...others] = cloud.nodes as [LocalNode, ...LocalNode[]]
    const { socket } = await start(first, options)
    const ticket = await inviteBy(socket, others.length)
    await startTogether(others, options, async (node, signal) => await start(node, { ticket, signal }))
    await untilJoined(socket, cloud.nodes.length, options)
    return cloud
  } catch (error) {
    await takeDown(cloud)
    throw error
  }
}

export interface LocalCloudPlan {
  name: string
  nodes: readonly Place[]
  /** By which links are played; undefined: none are. */
  table?: LinkTable | undefined
}

/**
 * Makes the folder of a local cloud, whose daemons are still to start, below `local`; what a dead one of that name left
 * there goes first. Rejects EEXIST when one of that name is up.
 */
export async function prepareCloud (local: string, { name, nodes, table }: LocalCloudPlan): Promise<LocalCloud> {
  const record = await recordOf(name, nodes, table?.profile)
  const cloud = inFolder(join(local, record.name), record)
  await claim(cloud, record)
  try {
    if (table !== undefined) await placeNodes(cloud, table)
    return cloud
  } catch (error) {
    await takeDown(cloud)
    throw error
  }
}

/**
 * Brings a local cloud up for as long as `work` takes, which gets a connection to its first node. The folder around
 * `local` goes with it if it was made for it and nothing else has come into it.
 */
export async function inLocalCloud<T> (
  local: string, shape: LocalCloudShape, onStarted: OnStarted, options: AbortOptions,
  work: (cloud: LocalCloud, connection: Connection) => Promise<T>
): Promise<T> {
  return await withFolder(dirname(local), async () => {
    const cloud = await bringUp(local, shape, onStarted, options)
    try {
      const first = await readNodeFile((cloud.nodes[0] as LocalNode).dataDir)
      const connection = await connect({ socket: first?.socket })
      try {
        return await work(cloud, connection)
      } finally {
        connection.close()
      }
    } finally {
      await takeDown(cloud)
    }
  })
}

/** The first of `names` by which no local cloud is up; if all are taken, one that nobody else has. */
export async function freeName (local: string, ...names: string[]): Promise<string> {
  for (const name of names) {
    const cloud = await readLocalCloud(join(local, name))
    if (cloud === undefined || !await isUp(cloud)) return name
  }
  return `${names.at(-1)}-${process.pid}`
}

export interface StartNodeOptions extends AbortOptions {
  /** By which it joins the others at its first start; left out: it is the first. */
  ticket?: string | undefined
  /** Where others are reached now, at later starts. */
  join?: readonly string[] | undefined
  /** Its pace. Default: what goes with the links of its cloud. */
  profile?: DaemonOptions['profile']
}

/** A ticket for so many nodes, through which their owner, who is the same, may do everything. */
export async function inviteBy (socket: string, uses: number): Promise<string> {
  const { syscalls, close } = await connect({ socket, token: null })
  try {
    return (await syscalls.invite({ uses: Math.max(1, uses), role: 'admin' })).ticket
  } finally {
    close()
  }
}

/** Starts the daemon of a node that is down. An abort ends it. */
export async function startNode (
  cloud: LocalCloud, { dataDir, name, zone }: LocalNode, { profile, signal, ...door }: StartNodeOptions
): Promise<StartedDaemon> {
  const { latency } = cloud
  const links = latency === undefined ? {} : { links: linksPath(cloud) }
  const pace = profile ?? (latency === undefined ? 'local' : PACES[latency])
  const logPath = join(cloud.directory, `${name}.log`)
  return await startDaemon({ dataDir, name, zone, ...door, profile: pace, ...links }, { logPath, signal })
}

/** Starts a node that is down over the data it had; it joins the others. Rejects EBUSY when it is up. */
export async function restartNode (cloud: LocalCloud, name: string): Promise<NodeFile> {
  const node = nodeOf(cloud, name)
  const live = await Promise.all(cloud.nodes.map(({ dataDir }) => liveDaemon(dataDir)))
  if (live[cloud.nodes.indexOf(node)] !== undefined) throw new CloudError('EBUSY', `${name} is up already.`)
  const known = live.flatMap(info => info?.addresses ?? [])
  const { info, process } = await startNode(cloud, node, { join: known })
  process.unref()
  return info
}

/** Ends a node's daemon as a power cut would; its tasks run on. Rejects ESRCH when it is down. */
export async function killNode (cloud: LocalCloud, name: string): Promise<NodeFile> {
  return await killDaemon(nodeOf(cloud, name).dataDir)
}

/**
 * Ends whoever stays with the cloud, all daemons and all tasks, and removes the folder, and the one around it where
 * this was the last cloud there. What is gone is no error.
 */
export async function takeDown (cloud: LocalCloud): Promise<void> {
  const { pid, command } = cloud.startedBy
  if (pid !== process.pid && await runsWith(pid, command)) {
    sendSignal(pid, 'SIGTERM')
    await waitForEnd(pid, command, TAKE_DOWN_MS)
  }
  await Promise.all(cloud.nodes.map(async ({ dataDir }) => {
    await stopDaemon(dataDir)
    await endTasks(dataDir)
    await rm(dataDir, REMOVE)
  }))
  // The record goes last: whoever interrupts this can begin it again.
  await rm(cloud.directory, REMOVE)
  await removeIfEmpty(dirname(cloud.directory))
}

/** The local cloud of that name. Rejects ENOENT, and names those that are nearly called so. */
export async function openLocalCloud (local: string, name: string): Promise<LocalCloud> {
  const cloud = await readLocalCloud(join(local, name))
  if (cloud !== undefined) return cloud
  const missing = `There is no local cloud ${name}.${didYouMean(name, await localCloudNames(local))}`
  throw new CloudError('ENOENT', `${missing} "welkin local up --name ${name}" starts one.`)
}

/** All local clouds of this user, by name. */
export async function localClouds (local: string): Promise<LocalCloud[]> {
  const names = await localCloudNames(local)
  const clouds = await Promise.all(names.map(name => readLocalCloud(join(local, name))))
  return clouds.filter(cloud => cloud !== undefined)
}

/** The local cloud whose folder this is; undefined for any other folder. */
export async function readLocalCloud (directory: string): Promise<LocalCloud | undefined> {
  try {
    const record = JSON.parse(await readFile(join(directory, RECORD), 'utf8')) as Partial<CloudRecord> | null
    return isWhole(record) ? inFolder(directory, record) : undefined
  } catch (error) {
    if (error instanceof SyntaxError || isMissing(error)) return undefined
    throw error
  }
}

function isWhole (record: Partial<CloudRecord> | null): record is CloudRecord {
  return typeof record?.name === 'string' && Array.isArray(record.nodes) && typeof record.startedBy?.pid === 'number'
}

/** The cloud of that record where it stands now: what will be removed with it must not be named by a file. */
function inFolder (directory: string, { nodes, ...record }: CloudRecord): LocalCloud {
  return { ...record, directory, nodes: nodes.map(node => ({ ...node, dataDir: join(directory, node.name) })) }
}

/** Whether any of its nodes, or who brings it up, is alive. */
async function isUp (cloud: LocalCloud): Promise<boolean> {
  if (await runsWith(cloud.startedBy.pid, cloud.startedBy.command)) return true
  const live = await Promise.all(cloud.nodes.map(({ dataDir }) => liveDaemon(dataDir)))
  return live.some(info => info !== undefined)
}

async function recordOf (
  name: string, nodes: readonly Place[], latency: LinkProfile | undefined
): Promise<CloudRecord> {
  if (!DNS_LABEL.test(name)) {
    throw new CloudError('EINVAL', `A local cloud cannot be called ${name}: small letters, digits and "-" only.`)
  }
  const startedBy = { pid: process.pid, command: await commandLine(process.pid) }
  return { name, nodes: [...nodes], startedBy, ...latency === undefined ? {} : { latency } }
}

/** Makes the folder and its record ours, or says who has them. */
async function claim (cloud: LocalCloud, record: CloudRecord): Promise<void> {
  const before = await readLocalCloud(cloud.directory)
  if (before !== undefined) {
    if (await isUp(before)) {
      throw new CloudError('EEXIST', `A local cloud ${cloud.name} is up already; give this one another --name, or ` +
        `end that one with "welkin local down --name ${cloud.name}".`)
    }
    await takeDown(before)
  }
  await mkdir(cloud.directory, { recursive: true, mode: 0o700 })
  try {
    await writeFile(join(cloud.directory, RECORD), `${JSON.stringify(record, undefined, 2)}\n`, { flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    throw new CloudError('EEXIST',
      `Somebody has just begun to start a local cloud ${cloud.name}; if not, remove ${cloud.directory}.`)
  }
}

/** Starts all at once; when one cannot, the others are given up too, before this rejects. */
async function startTogether (
  nodes: readonly LocalNode[], { signal }: AbortOptions,
  start: (node: LocalNode, signal: AbortSignal) => Promise<unknown>
): Promise<void> {
  const failure = new AbortController()
  const either = signal === undefined ? failure.signal : AbortSignal.any([signal, failure.signal])
  await Promise.allSettled(nodes.map(async node => {
    try {
      await start(node, either)
    } catch (error) {
      failure.abort(error)
    }
  }))
  failure.signal.throwIfAborted()
}

function nodeOf (cloud: LocalCloud, name: string): LocalNode {
  const node = cloud.nodes.find(candidate => candidate.name === name)
  if (node !== undefined) return node
  const names = cloud.nodes.map(candidate => candidate.name)
  throw new CloudError('ENOENT', `The local cloud ${cloud.name} has no node ${name}; it has ${names.join(', ')}.`)
}

async function localCloudNames (local: string): Promise<string[]> {
  try {
    return (await readdir(local)).filter(name => DNS_LABEL.test(name)).toSorted()
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

function isMissing (error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT'
}
