import { backOffMs, Mailbox, mapConcurrently, sleep } from '@welkin/async'
import { decode, encode } from '@welkin/abi'
import {
  CloudError, ignoreFault, isCloudError, throwIfAborted, toHex, type NodeId, type ObjectId
} from '@welkin/interface'
import type { ReplyOf } from '@welkin/syscalls'
import type { Caller } from '../../dispatch/index.ts'
import type { MigrationOptions } from './options.ts'
import type { MigrationPorts } from './ports.ts'
import { coordinatorAfter, verdictOf, type CoordinatorEvent, type CoordinatorState } from './protocol.ts'
import type { Patience } from './rounds.ts'

const PREFIX = 'migration/committed/'
const WIDTH = 32
/** By these a node says that it does not take an object; others may. */
const REFUSALS = [
  'EAGAIN', 'ENOSYS', 'ENOSPC', 'EHOSTDOWN', 'EHOSTUNREACH', 'ETIMEDOUT', 'ECONNRESET', 'EEXIST'
] as const

/** One object of a move; `targets`: where it could go, the best first. */
export interface Part { id: ObjectId, source: NodeId, targets: readonly NodeId[] }
type Item = ReplyOf<'migrate'>
type Moved = Extract<Item, { kind: 'moved' }>
type Progress = ReplyOf<'move.copy'>
/** Whose copying has begun. */
interface Begun { part: Part, to: NodeId, copying: AsyncIterator<Progress>, sinceMs: number }

export interface CopyOptions extends Patience { restart: boolean }

/** Moves that this node coordinates: all objects of one, or none. */
export class Coordinating {
  readonly #ports: MigrationPorts
  readonly #options: MigrationOptions
  /** Moves under way; those that were committed have a note as well, until all their objects are gone. */
  readonly #states = new Map<string, CoordinatorState>()

  constructor (ports: MigrationPorts, options: MigrationOptions) {
    this.#ports = ports
    this.#options = options
  }

  /** Takes up what an earlier life had committed. */
  async start (): Promise<void> {
    for (const { key, value } of await this.#ports.disk.records.list(PREFIX)) {
      const move = key.slice(PREFIX.length)
      this.#states.set(move, 'committed')
      this.#step(move, 'restarted')
      void this.#pursue(move, decode(value) as Array<[NodeId, ObjectId]>)
    }
  }

  verdict (move: string): 'committed' | 'aborted' | 'undecided' {
    return verdictOf(this.#states.get(move))
  }

  /** Moves the objects. Rejects with nothing moved; ETIMEDOUT where the last word of a node is still to come. */
  async * move (
    parts: readonly Part[], copying: CopyOptions, caller: Caller, signal: AbortSignal
  ): AsyncGenerator<Item> {
    const move = toHex(this.#ports.random.bytes(16))
    this.#states.set(move, 'collecting')
    const begun: Begun[] = []
    try {
      for (const part of parts) {
        begun.push(await this.#reserve(move, part, copying, caller, signal))
        yield { kind: 'progress', id: part.id, phase: 'reserved' }
      }
      yield * this.#copyAll(begun)
      throwIfAborted(signal)
      yield * parts.length === 1 ? this.#finishOne(move, begun[0] as Begun) : this.#finishAll(move, begun)
    } catch (error) {
      if (this.#states.get(move) === 'collecting') {
        this.#step(move, 'failed')
        await mapConcurrently(begun, WIDTH, async ({ part: { id: object, source } }) => {
          await this.#at(source).go({ move, object, verdict: 'aborted' }, this.#patience()).catch(ignoreFault)
        })
      }
      throw error
    } finally {
      if (this.#states.get(move) !== 'committed') this.#states.delete(move)
    }
  }

  async #reserve (
    move: string, part: Part, options: CopyOptions, caller: Caller, signal: AbortSignal
  ): Promise<Begun> {
    const { calls, clock, self } = this.#ports
    const refusals: CloudError[] = []
    for (const to of part.targets) {
      const sinceMs = clock.monotonicMs()
      const request = { id: part.id, move, to, coordinator: self, ...options }
      const copying = calls.at(part.source, caller).move.copy(request, { signal })[Symbol.asyncIterator]()
      try {
        await copying.next()
        return { part, to, copying, sinceMs }
      } catch (error) {
        if (!isCloudError(error, ...REFUSALS)) throw error
        refusals.push(error)
      }
    }
    const [first] = refusals
    if (first !== undefined && refusals.length === 1) throw first
    const reasons = refusals.slice(0, 20).map(({ message }, at) => `${part.targets[at]}: ${message}`)
    throw new CloudError('EAGAIN', `No node takes object ${part.id}; wait, or add nodes.`, { fields: { reasons } })
  }

  async * #copyAll (begun: readonly Begun[]): AsyncGenerator<Item> {
    const news = new Mailbox<Item>()
    let failure: unknown
    const copies = begun.map(async ({ part, copying }) => {
      for (let next = await copying.next(); next.done !== true; next = await copying.next()) {
        news.put({ kind: 'progress', id: part.id, ...next.value })
      }
    })
    void Promise.all(copies).catch((error: unknown) => { failure = error }).finally(() => { news.end() })
    yield * news
    if (failure !== undefined) throw failure
  }

  /** Its source decides by itself, and tells when it is over. */
  async * #finishOne (move: string, begun: Begun): AsyncGenerator<Item> {
    const { part: { id, source }, to } = begun
    try {
      const { downMs = 0, ...told } = await this.#at(source).stop({ move, object: id, alone: true })
      yield this.#moved(begun, { id, from: source, to, downMs, ...told })
    } catch (error) {
      if (!isCloudError(error, 'ECONNRESET', 'ETIMEDOUT', 'EHOSTDOWN', 'EHOSTUNREACH')) throw error
      if (error.fields['object'] === id) throw error
      const message = `Node ${source} fell silent while object ${id} went to ${to}; it runs on one of them, ` +
        'which shows when they answer again.'
      throw new CloudError('ETIMEDOUT', message, { fields: { object: id }, cause: error })
    }
  }

  async * #finishAll (move: string, begun: readonly Begun[]): AsyncGenerator<Item> {
    const offered = await mapConcurrently(begun, WIDTH, async ({ part: { id, source } }) =>
      await this.#at(source).stop({ move, object: id, alone: false }))
    for (const { part: { id } } of begun) yield { kind: 'progress', id, phase: 'offered' }
    const legs = begun.map(({ part: { id, source } }): [NodeId, ObjectId] => [source, id])
    await this.#ports.disk.records.write([{ key: PREFIX + move, value: encode(legs) }])
    this.#step(move, 'all offered')
    const outcomes = await this.#pursue(move, legs)
    for (const [at, one] of begun.entries()) {
      const { outcome, downMs = 0, ...told } = outcomes[at] as ReplyOf<'move.go'>
      const { part: { id, source: from }, to } = one
      if (outcome === 'here') {
        const message = `Node ${to} failed while it took object ${id} over, which goes on where it was.`
        throw new CloudError('ECONNRESET', message, { fields: { object: id, node: to } })
      }
      const { bytes = 0, rounds = 0 } = offered[at] ?? {}
      yield this.#moved(one, { id, from, to, bytes, rounds, downMs, ...told })
    }
  }

  #moved ({ sinceMs }: Begun, rest: Omit<Moved, 'kind' | 'totalMs'>): Moved {
    return { kind: 'moved', ...rest, totalMs: this.#ports.clock.monotonicMs() - sinceMs }
  }

  /** Tells all sources that it is committed, until all have done what follows; then the note is of no use any more. */
  async #pursue (move: string, legs: ReadonlyArray<readonly [NodeId, ObjectId]>): Promise<Array<ReplyOf<'move.go'>>> {
    const outcomes = await mapConcurrently(legs, WIDTH, async ([source, object]) => await this.#insist(async () =>
      await this.#at(source).go({ move, object, verdict: 'committed' }, this.#patience())))
    await this.#insist(async () => await this.#ports.disk.records.write([{ key: PREFIX + move, value: undefined }]))
    this.#step(move, 'all gone')
    this.#states.delete(move)
    return outcomes
  }

  async #insist<T> (ask: () => Promise<T>): Promise<T> {
    const { clock, log, random } = this.#ports
    const { againMs: firstMs, againMsMax: maxMs } = this.#options
    for (let tries = 0; ; tries++) {
      try {
        return await ask()
      } catch (error) {
        if (!isCloudError(error)) throw error
        log.debug('migration.not_told', { code: error.code })
        await sleep(clock, backOffMs({ firstMs, maxMs, factor: 2 }, tries, random))
      }
    }
  }

  #step (move: string, event: CoordinatorEvent): void {
    const [state] = coordinatorAfter(this.#states.get(move) ?? 'aborted', event)
    this.#states.set(move, state)
  }

  #patience (): { timeoutMs: number } {
    return { timeoutMs: this.#options.patienceMs }
  }

  #at (node: NodeId) {
    const { calls, self } = this.#ports
    return calls.at(node, node === self ? { kind: 'node', id: self } : undefined).move
  }
}
