import { rmSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import { dirname } from 'node:path'
import { CloudError, type NodeId, type Random } from '@welkin/interface'
import type { LinksBetween, LinkTable, Place } from '@welkin/links'
import {
  cutTasks, freeName, inviteBy, prepareCloud, readCloudLinks, readNodeFile, startNode, takeDown, welkinHome, withFolder,
  writeCloudLinks, type LocalCloud, type LocalNode, type StartNodeOptions
} from '@welkin/local-cloud'
import { createVirtualRandom } from '@welkin/platform-virtual'
import type { Syscalls } from '@welkin/syscalls'
import { addSent, NOTHING_SENT, type Cloud, type Sent, type UntilOptions, type View, type Work } from '../cloud.ts'
import { Life } from './life.ts'
import { tableOf } from './link-rules.ts'

/** How often daemons may be looked at without taking too much of the machine that they share. */
const LOOK_PERIOD_MS = 200
/** How often they are asked what they have sent: what one that is killed sent since then is not counted. */
const COUNT_PERIOD_MS = 2000

export interface RealCloudOptions {
  seed: string
  places: readonly Place[]
  table: LinkTable
  profile: NonNullable<StartNodeOptions['profile']>
  onLife: (what: string, name: NodeId) => void
  onEvent: (node: NodeId, type: string, fields: Readonly<Record<string, unknown>>) => void
  /** Is told of daemons that end by themselves, and of what cannot be done. */
  broken: (what: string) => void
}

/** A cloud of real daemons for as long as `work` takes; nothing is left of it. */
export async function inRealCloud<T> (
  options: RealCloudOptions, work: (cloud: RealCloud) => Promise<T>
): Promise<T> {
  const { local } = welkinHome()
  return await withFolder(dirname(local), async () => {
    const nodes = options.places.map(({ name, zone }) => ({ name, zone }))
    const name = await freeName(local, 'sim')
    const cloud = await prepareCloud(local, { name, nodes, table: options.table })
    const real = new RealCloud(cloud, await readCloudLinks(cloud), options)
    try {
      return await work(real)
    } finally {
      await real.close()
    }
  })
}

/**
 * Real daemons of this machine, each a process of its own, over links that a table describes. A machine that loses
 * power is a daemon that is stopped for good, and whose tasks are killed: were it killed as well, the system would tell
 * its peers, as no dark machine does.
 */
export class RealCloud implements Cloud {
  readonly places: readonly Place[]
  /** Each daemon has the whole of this machine. */
  readonly machine = { cpuCount: availableParallelism(), memoryBytes: totalmem() }
  readonly random: Random
  readonly network = { useLinks: (links: LinksBetween): void => { this.#useLinks(links) } }
  readonly #local: LocalCloud
  readonly #table: LinkTable
  readonly #options: RealCloudOptions
  /** By which all but the first join. */
  #ticket: string | undefined
  readonly #startMs = performance.now()
  readonly #timers = new Set<NodeJS.Timeout>()
  /** The latest life of each. */
  readonly #lives = new Map<NodeId, Life>()
  /** What those have sent whose lives are over. */
  #past = NOTHING_SENT
  readonly #starting = new Set<Promise<boolean>>()
  readonly #endAtOnce = (): void => {
    for (const life of this.#lives.values()) life.end('SIGKILL')
    for (const { dataDir } of this.#local.nodes) cutTasks(dataDir)
    rmSync(this.#local.directory, { recursive: true, force: true })
  }
  #links: Promise<void> = Promise.resolve()
  #isClosed = false

  constructor (local: LocalCloud, table: LinkTable, options: RealCloudOptions) {
    this.places = options.places
    this.random = createVirtualRandom(options.seed)
    this.#local = local
    this.#table = table
    this.#options = options
    process.on('exit', this.#endAtOnce)
    this.#count()
  }

  get nowMs (): number {
    return performance.now() - this.#startMs
  }

  after (ms: number, act: () => void): void {
    if (this.#isClosed) return
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      act()
    }, ms)
    this.#timers.add(timer)
  }

  async pass (ms: number): Promise<void> {
    await new Promise<void>(resolve => { this.after(ms, resolve) })
  }

  async until (
    holds: () => boolean | Promise<boolean>, { periodMs = LOOK_PERIOD_MS, timeoutMs }: UntilOptions
  ): Promise<number | undefined> {
    const startMs = this.nowMs
    while (!await holds()) {
      if (this.nowMs - startMs >= timeoutMs) return undefined
      await this.pass(periodMs)
    }
    return this.nowMs - startMs
  }

  running (): NodeId[] {
    return this.places.flatMap(({ name }) => this.#lives.get(name)?.isReady === true ? name : [])
  }

  isUp (name: NodeId): boolean {
    return this.#lives.get(name)?.isOver === false
  }

  async start (name: NodeId, join: readonly NodeId[] = []): Promise<void> {
    const node = this.#nodeOf(name)
    const before = this.#lives.get(name)
    const life = new Life({
      dataDir: node.dataDir,
      start: async signal => {
        await this.#bury(before)
        return await this.#startDaemon(node, join, signal)
      },
      onEvent: ({ type, fields }) => { this.#options.onEvent(name, type, this.#named(fields)) },
      onDeath: () => { this.#options.broken(`${name} ended by itself; its log may tell why`) }
    })
    this.#lives.set(name, life)
    const starting = life.begin()
    this.#starting.add(starting)
    const answers = await starting.finally(() => { this.#starting.delete(starting) })
    if (answers) this.#options.onLife('started', name)
    else await new Promise(() => {}) // it was felled meanwhile
  }

  powerOff (name: NodeId): void {
    this.#options.onLife('powered off', name)
    this.#lives.get(name)?.end('SIGSTOP')
    cutTasks(this.#nodeOf(name).dataDir)
  }

  crash (name: NodeId): void {
    this.#options.onLife('crashed', name)
    this.#lives.get(name)?.end('SIGKILL')
  }

  pause (name: NodeId): void {
    this.#options.onLife('paused', name)
    this.#lives.get(name)?.pause()
  }

  resume (name: NodeId): void {
    this.#options.onLife('resumed', name)
    this.#lives.get(name)?.resume()
  }

  syscalls (name: NodeId): Syscalls {
    const life = this.#lives.get(name)
    if (life !== undefined) return life.syscalls
    throw new CloudError('EHOSTDOWN', `${name} does not run; ask another node.`)
  }

  programOf ({ seconds }: Work): { driver: string, argv: string[] } {
    return { driver: 'native', argv: ['sleep', seconds] }
  }

  async views (): Promise<View[]> {
    return await Promise.all(this.running().map(async witness => {
      const answer = await this.#lives.get(witness)?.ask((syscalls, timeoutMs) =>
        syscalls.nodes({ scope: 'site' }, { timeoutMs }))
      return { witness, up: (answer?.nodes ?? []).flatMap(({ name, state }) => state === 'up' ? name : []) }
    }))
  }

  async isIdle (): Promise<boolean> {
    const held = await Promise.all(this.running().map(name => this.#lives.get(name)?.ask((syscalls, timeoutMs) =>
      syscalls.list({ here: true, limit: 1 }, { timeoutMs }))))
    return held.every(answer => answer?.objects.length === 0)
  }

  async sent (): Promise<Sent> {
    const living = await Promise.all([...this.#lives.values()].map(life => life.sent()))
    return living.reduce((sum, sent) => addSent(sum, sent), this.#past)
  }

  /** What is worth it is told of by other ways. */
  mark (): void {}

  /** Ends all daemons and tasks, and removes what they had; what waits for this cloud's time waits for ever. */
  async close (): Promise<void> {
    this.#isClosed = true
    for (const timer of this.#timers) clearTimeout(timer)
    for (const life of this.#lives.values()) life.end('SIGKILL')
    await Promise.allSettled([...this.#starting, this.#links])
    await takeDown(this.#local)
    process.off('exit', this.#endAtOnce)
  }

  async #startDaemon (node: LocalNode, join: readonly NodeId[], signal: AbortSignal) {
    const known = await Promise.all(join.map(async peer =>
      (await readNodeFile(this.#nodeOf(peer).dataDir))?.addresses ?? []))
    const { profile } = this.#options
    const daemon = await startNode(this.#local, node, { ticket: this.#ticket, join: known.flat(), profile, signal })
    this.#ticket ??= await inviteBy(daemon.info.socket, this.places.length)
    return daemon
  }

  /** The life before is over: what it sent is kept, what is left of it goes. */
  async #bury (life: Life | undefined): Promise<void> {
    if (life === undefined) return
    this.#past = addSent(this.#past, await life.sent())
    await life.clear()
  }

  #useLinks (links: LinksBetween): void {
    const table = tableOf(links, this.#table, this.places)
    this.#links = this.#links.then(async () => { await writeCloudLinks(this.#local, table) })
      .catch((error: Error) => { this.#options.broken(`the links could not be changed: ${error.message}`) })
  }

  #count (): void {
    void this.sent()
    this.after(COUNT_PERIOD_MS, () => this.#count())
  }

  /** Daemons speak of nodes by their ids. */
  #named (fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
    return Object.fromEntries(Object.entries(fields).map(([key, value]) =>
      [key, this.#table.places[String(value)]?.name ?? value]))
  }

  #nodeOf (name: NodeId): LocalNode {
    return this.#local.nodes.find(node => node.name === name) as LocalNode
  }
}
