import { concatBytes, Gate, repeat, sleep } from '@welkin/async'
import {
  isCloudError, isSameBytes, type Cancel, type Clock, type Logger, type NodeId, type Random
} from '@welkin/interface'
import { sumOf } from './fingerprints.ts'
import type { Holder } from './holder.ts'
import type { Changes, KnownNodes } from './known-nodes.ts'
import { ENTRIES_MAX, unpackSame, unpackStored, unpackWanted } from './messages.ts'
import type { DirectoryMetrics } from './metrics.ts'
import type { DirectoryOptions } from './options.ts'
import type { Peers } from './peers.ts'
import type { Held } from './record-store.ts'
import { heirsOf, isAffected, successorOf } from './responsibility.ts'

interface HandOverPorts {
  clock: Clock
  random: Random
  known: KnownNodes
  holder: Holder
  peers: Peers
  log: Logger
  metrics: DirectoryMetrics
}

/** Records in one message have about so many bytes together. */
const BATCH_BYTES = 64 * 1024
/** Between two such messages, so that calls get through. */
const PACE_MS = 20
/** Neighbours that are spoken with at a time. */
const WIDTH = 2

/**
 * Sees that records are where they belong: when neighbours come and go, and now and then all the same. Peers compare
 * first, and only what is missing is sent.
 */
export class HandOver {
  readonly #ports: HandOverPorts
  readonly #options: DirectoryOptions
  #comparedMs = Number.NEGATIVE_INFINITY
  /** The store's revision when all was in its place; undefined: it was not. */
  #settled: number | undefined
  /** What is to be offered at the next look: somebody else was to bring it, or it could not be brought. */
  readonly #owed = new Map<NodeId, Held[]>()

  constructor (ports: HandOverPorts, options: DirectoryOptions) {
    this.#ports = ports
    this.#options = options
  }

  start (): Cancel {
    const { clock, random } = this.#ports
    const { lookPeriodMs, comparePeriodMs } = this.#options
    this.#comparedMs = clock.monotonicMs() - comparePeriodMs * random.unit()
    return repeat(clock, lookPeriodMs, async () => await this.#look(), lookPeriodMs * (1 + random.unit()))
  }

  /** One look at the neighbours; silent as long as nothing is kept. */
  async #look (): Promise<void> {
    const { clock, holder: { store }, known } = this.#ports
    const { comparePeriodMs } = this.#options
    const nowMs = clock.monotonicMs()
    known.refresh(nowMs)
    const changes = known.takeChanges()
    if (store.size === 0) return
    store.expire(clock.wallMs())
    if (!isQuiet(changes) || store.revision !== this.#settled) await this.#settle(changes, nowMs)
    if (nowMs < this.#comparedMs + comparePeriodMs) return
    this.#comparedMs = nowMs
    await this.#compare()
  }

  /** Has each record go where it belongs, and forgets those that have been elsewhere for long enough. */
  async #settle (changes: Changes, nowMs: number): Promise<void> {
    const { store } = this.#ports.holder
    const heirs = this.#heirs(changes, nowMs)
    const areSpare = this.#dropSpare(nowMs)
    this.#settled = heirs.size === 0 && this.#owed.size === 0 && !areSpare ? store.revision : undefined
    await this.#handOver(heirs)
  }

  /** Works out who is to keep what now; says who is to be given what. */
  #heirs (changes: Changes, nowMs: number): Map<NodeId, Held[]> {
    const { holder: { store }, known } = this.#ports
    const { replicas } = this.#options
    const heirs = this.#takeOwed()
    const areSame = isQuiet(changes)
    for (const held of store.values()) {
      const before = held.holders
      const farthest = areSame ? undefined : known.get(before.at(-1) as NodeId)?.point
      if (!areSame && isAffected(held.point, before, changes, { replicas, farthest })) {
        held.holders = known.nearest(held.point, replicas).map(({ id }) => id)
        const still = before.filter(id => !changes.removed.includes(id))
        const { ids, isFirst } = heirsOf(known.self.id, still, held.holders)
        for (const id of ids) put(isFirst ? heirs : this.#owed, id, held)
      } else if (held.spareSinceMs === undefined && !before.includes(known.self.id)) {
        put(heirs, before[0] as NodeId, held) // it came here though others are nearer
      }
      if (held.holders.includes(known.self.id)) held.spareSinceMs = undefined
    }
    for (const list of heirs.values()) {
      for (const held of list) if (!held.holders.includes(known.self.id)) held.spareSinceMs = nowMs
    }
    return heirs
  }

  /** Whether there are some that have their time yet. */
  #dropSpare (nowMs: number): boolean {
    const { holder: { store } } = this.#ports
    let areLeft = false
    for (const { kind, key, spareSinceMs } of store.values()) {
      if (spareSinceMs === undefined) continue
      if (nowMs >= spareSinceMs + this.#options.graceMs) store.delete(kind, key)
      else areLeft = true
    }
    return areLeft
  }

  async #handOver (heirs: ReadonlyMap<NodeId, Held[]>): Promise<void> {
    const gate = new Gate(WIDTH)
    await Promise.all([...heirs].map(async ([id, list]) => {
      await gate.run(async () => {
        if (await this.#bring(id, list)) return
        // It may not have it yet: it is tried again, or what it was to have falls to the next one.
        for (const held of list) held.spareSinceMs = undefined
        for (const held of list) put(this.#owed, id, held)
      })
    }))
  }

  /** What was put off, as far as it still is to be offered. */
  #takeOwed (): Map<NodeId, Held[]> {
    const { holder: { store }, known } = this.#ports
    const heirs = new Map<NodeId, Held[]>()
    for (const [id, list] of this.#owed) {
      if (known.get(id) === undefined) continue
      for (const { kind, key } of list) {
        const held = store.get(kind, key)
        if (held?.holders.includes(id) === true && held.holders.includes(known.self.id)) put(heirs, id, held)
      }
    }
    this.#owed.clear()
    return heirs
  }

  /** Each record with the next of its holders, those of one neighbour together, by one digest first. */
  async #compare (): Promise<void> {
    const { holder: { store }, known } = this.#ports
    const bySuccessor = new Map<NodeId, Held[]>()
    for (const held of store.values()) {
      const successor = successorOf(held.holders, known.self.id)
      if (successor !== undefined) put(bySuccessor, successor, held)
    }
    const gate = new Gate(WIDTH)
    await Promise.all([...bySuccessor].map(async ([id, list]) => {
      await gate.run(async () => { await this.#bring(id, list, { digestFirst: true }) })
    }))
  }

  /** Gives a peer what it lacks of these. False: it does not answer, and may have nothing. */
  async #bring (id: NodeId, list: readonly Held[], { digestFirst = false } = {}): Promise<boolean> {
    const { known, log } = this.#ports
    if (known.get(id) === undefined) return false
    try {
      for (const [kind, records] of byKind(list)) {
        if (digestFirst && await this.#hasSame(id, kind, records)) continue
        for (let at = 0; at < records.length; at += ENTRIES_MAX) {
          await this.#bringPage(id, kind, records.slice(at, at + ENTRIES_MAX))
        }
      }
      return true
    } catch (error) {
      if (!isCloudError(error)) throw error
      log.debug('directory.neighbour_not_reached', { peer: id, code: error.code })
      return false
    }
  }

  async #hasSame (id: NodeId, kind: string, records: readonly Held[]): Promise<boolean> {
    const digest = sumOf(records.map(({ fingerprint }) => fingerprint))
    return unpackSame(await this.#ask(id, { is: 'compare', kind, digest }))
  }

  async #bringPage (id: NodeId, kind: string, page: readonly Held[]): Promise<void> {
    const { clock, holder, metrics } = this.#ports
    const fingerprints = concatBytes(page.map(({ fingerprint }) => fingerprint))
    const places = new Set(unpackWanted(await this.#ask(id, { is: 'have', kind, fingerprints })))
    const wanted = page.filter((_, place) => places.has(place))
    for (const batch of batchesOf(wanted)) {
      const entries = batch.map(({ key, record }) => ({ key, record }))
      const others = unpackStored(await this.#ask(id, { is: 'store', kind, entries }))
      metrics.handed.add(batch.length)
      const sent = new Set(batch.map(({ key }) => key))
      for (const { key, record } of others) if (sent.has(key)) this.#take(holder, kind, key, record, id)
      await sleep(clock, PACE_MS)
    }
  }

  #take (holder: Holder, kind: string, key: string, record: Uint8Array, from: NodeId): void {
    try {
      const own = holder.held(kind, key)
      if (own === undefined || !isSameBytes(own, record)) holder.take(kind, key, record, from)
    } catch (error) {
      if (!isCloudError(error)) throw error // else the peer's record is worth nothing, and ours stays
    }
  }

  async #ask (id: NodeId, question: Parameters<Peers['ask']>[1]): Promise<Uint8Array> {
    const { known, peers } = this.#ports
    return await peers.ask(known.placed({ id, addresses: [] }), question)
  }
}

function isQuiet ({ added, removed }: Changes): boolean {
  return added.length === 0 && removed.length === 0
}

function byKind (list: readonly Held[]): Map<string, Held[]> {
  const kinds = new Map<string, Held[]>()
  for (const held of list) put(kinds, held.kind, held)
  return kinds
}

function put (map: Map<string, Held[]>, name: string, held: Held): void {
  const list = map.get(name)
  if (list === undefined) map.set(name, [held])
  else list.push(held)
}

function * batchesOf (records: readonly Held[]): Generator<Held[]> {
  let batch: Held[] = []
  let bytes = 0
  for (const held of records) {
    if (batch.length > 0 && bytes + held.record.byteLength > BATCH_BYTES) {
      yield batch
      batch = []
      bytes = 0
    }
    batch.push(held)
    bytes += held.record.byteLength
  }
  if (batch.length > 0) yield batch
}
