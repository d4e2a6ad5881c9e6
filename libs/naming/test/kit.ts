import { TABLE, type CallName, type ReplyOf, type Syscalls } from '@welkin/abi'
import { Mailbox } from '@welkin/async'
import { CloudError, type Clock, type Random } from '@welkin/interface'
import { createVirtualClock, createVirtualRandom, EPOCH_MS, Life, Quartz, Timeline } from '@welkin/platform-virtual'
import type { NameEntry, NameRecord } from '../src/index.ts'

type NodeRow = ReplyOf<'find'>['rows'][number]

export const OBJECT = { web: 'a'.repeat(32), mail: 'b'.repeat(32), third: 'c'.repeat(32) }

export function entry (of: Partial<NameEntry>): NameEntry {
  return { ports: {}, by: 'alice', boundAtMs: 0, untilMs: 1e12, ...of }
}

/** A node as `find` gives it. */
export function row (id: string, { rttMs, state = 'up', addresses = [`/ip4/10.0.0.${id.slice(1)}/tcp/1`] }: {
  rttMs?: number | undefined, state?: 'up' | 'down', addresses?: string[]
} = {}): NodeRow {
  return {
    node: {
      id, name: id, zone: 'acme/lyon/r1', addresses, version: '1', drivers: [], state, ageMs: 0,
      machine: { hostname: id, os: 'linux', arch: 'x64', cpuCount: 1, memoryBytes: 1 },
      load: { memoryFreeBytes: 1, objects: 0, objectsMax: 1, cpuPromised: 0, memoryPromisedBytes: 0 }
    },
    cost: { ...rttMs === undefined ? {} : { rttMs }, load: 0, ageMs: 0 }
  }
}

/** A cloud that a test plays; what is asked and answered is held against the table. */
export class PlayedCloud {
  readonly records = new Map<string, NameRecord>()
  readonly rows = new Map<string, NodeRow>()
  readonly asked: string[] = []
  readonly conversations: Array<Mailbox<ReplyOf<'name.watch'>>> = []
  readonly wished: unknown[] = []
  /** Holds back answers until it is resolved. */
  held: Promise<void> | undefined
  silent: string[] = []
  failing: CloudError | undefined

  readonly syscalls = {
    find: async (args: unknown) => {
      const { query } = TABLE.find.request.parse(args)
      this.asked.push('find')
      const { where } = query as { where: { values: string[] } }
      const rows = where.values.flatMap(id => this.rows.get(id) ?? [])
      return checked('find', { rows, matched: rows.length, silent: this.silent })
    },
    name: {
      resolve: async (args: unknown) => {
        const { name } = TABLE['name.resolve'].request.parse(args)
        this.asked.push(name)
        const record = this.records.get(name)
        await this.held
        if (this.failing !== undefined) throw this.failing
        if (record === undefined) throw new CloudError('ENOENT', `${name} stands for nothing.`)
        return checked('name.resolve', record)
      },
      watch: (args: unknown, { input, signal }: { input: AsyncIterable<unknown>, signal: AbortSignal }) => {
        this.wished.push(TABLE['name.watch'].request.parse(args))
        const news = new Mailbox<ReplyOf<'name.watch'>>()
        this.conversations.push(news)
        signal.addEventListener('abort', () => { news.fail(new CloudError('ECANCELED', 'Enough.')) })
        void this.#listen(input)
        return news
      },
      bind: async (args: unknown) => {
        const { name } = TABLE['name.bind'].request.parse(args)
        return checked('name.bind', { name, untilMs: 1, holders: 1 })
      },
      list: async (args: unknown) => {
        const { under } = TABLE['name.list'].request.parse(args)
        return checked('name.list', { names: [...this.records.values()], silent: under === undefined ? [] : [under] })
      }
    }
  } as unknown as Pick<Syscalls, 'name' | 'find'>

  set (name: string, entries: NameEntry[], ttlMs = 10_000): void {
    this.records.set(name, { name, rule: 'both', entries, ttlMs })
  }

  /** Says in the latest conversation what the name stands for. */
  tell (asked: string, record: NameRecord): void {
    this.conversations.at(-1)?.put(checked('name.watch', { ...record, asked }))
  }

  async #listen (input: AsyncIterable<unknown>): Promise<void> {
    for await (const wish of input) this.wished.push(TABLE['name.watch'].input.parse(wish))
  }
}

function checked<N extends CallName> (name: N, reply: ReplyOf<N>): ReplyOf<N> {
  return TABLE[name].reply.parse(reply) as ReplyOf<N>
}

export interface VirtualTime { timeline: Timeline, clock: Clock, random: Random }

export function virtualTime (): VirtualTime {
  const timeline = new Timeline()
  const clock = createVirtualClock(new Quartz(timeline, EPOCH_MS), new Life(timeline))
  return { timeline, clock, random: createVirtualRandom(1) }
}
