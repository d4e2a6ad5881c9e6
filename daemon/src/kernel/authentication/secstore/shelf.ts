import { decode, encode } from '@welkin/abi'
import { Gate, putBounded } from '@welkin/async'
import { CloudError, type Clock, type Disk, type Keys } from '@welkin/interface'
import { nameTaken } from './errors.ts'
import { waitMsOf, withGuess, type Guesses } from './guesses.ts'
import { openUserRecord, type UserRecord } from './user-record.ts'

const USERS = 'authentication/users/'
const SETUP_KEY = 'authentication/setup'
const USERS_MAX = 10_000
const STRANGERS_MAX = 10_000

/** Where guesses come from. Those whom nobody knows, outside, must not keep users from logging in at nodes. */
export type Origin = 'inside' | 'outside'

/** A user's record, and this holder's own secret for that user. */
export interface Held { record: UserRecord, setup: string }

export interface ShelfPorts {
  clock: Clock
  disk: Disk
  keys: Keys
  /** Whether a record is to be dropped: its key was taken back, or its time is long over. */
  isGone: (record: UserRecord) => boolean
}

/** What this node keeps of users, durably. */
export class Shelf {
  readonly #ports: ShelfPorts
  /** Guesses for users who are not kept here; those of others outlive this life of the node. */
  readonly #strangers = new Map<string, Guesses>()
  /** Changes take turns: of two guesses at once, both count. */
  readonly #turns = new Gate(1)

  constructor (ports: ShelfPorts) {
    this.#ports = ports
  }

  async get (name: string): Promise<Held | undefined> {
    const kept = await this.#ports.disk.records.get(USERS + name)
    return kept === undefined ? undefined : this.#unlessGone(this.#read(kept))
  }

  async all (): Promise<Held[]> {
    const kept = await this.#ports.disk.records.list(USERS)
    return kept.flatMap(({ value }) => this.#unlessGone(this.#read(value)) ?? [])
  }

  /** Puts a record here, unless there is one as new. Rejects EEXIST (another's name), ESTALE, ENOSPC. */
  async put (held: Held): Promise<void> {
    await this.#turns.run(async () => {
      const { name, key, sinceMs } = held.record
      const before = await this.get(name)
      if (before !== undefined && before.record.key !== key) throw nameTaken(name)
      if (before !== undefined && before.record.sinceMs > sinceMs) throw stale(name)
      if (before?.record.sinceMs === sinceMs) return
      const { records } = this.#ports.disk
      if (before === undefined && (await records.list(USERS)).length >= USERS_MAX) {
        throw new CloudError('ENOSPC', `This node keeps ${USERS_MAX} users already; remove some by "welkin user rm".`)
      }
      const value = encode([held.setup, held.record.wire])
      await records.write([{ key: USERS + name, value }, ...noGuesses(name)])
    })
  }

  /** `sinceMs`: unless it is newer than that. */
  async drop (name: string, sinceMs = Infinity): Promise<void> {
    await this.#turns.run(async () => {
      const held = await this.get(name)
      if (held !== undefined && held.record.sinceMs > sinceMs) return
      await this.#remove([name])
    })
  }

  /** Drops those that are gone. */
  async sweep (): Promise<void> {
    await this.#turns.run(async () => {
      const kept = await this.#ports.disk.records.list(USERS)
      const gone = kept.map(({ value }) => this.#read(value)).filter(held => this.#unlessGone(held) === undefined)
      await this.#remove(gone.map(({ record: { name } }) => name))
    })
  }

  /** Counts a guess until `forgive`, durably. Rejects EAGAIN where there were too many. */
  async guess (name: string, from: Origin): Promise<void> {
    await this.#turns.run(async () => {
      const { clock, disk } = this.#ports
      const key = guessesKey(name, from)
      const isKept = await this.get(name) !== undefined
      const kept = isKept ? await disk.records.get(key) : undefined
      const before = kept === undefined ? this.#strangers.get(key) : guessesOf(kept)
      const nowMs = clock.wallMs()
      const waitMs = waitMsOf(before, nowMs)
      if (waitMs > 0) throw tooMany(name, nowMs + waitMs, waitMs)
      const { count, waitUntilMs } = withGuess(before, nowMs)
      if (isKept) await disk.records.write([{ key, value: encode([count, waitUntilMs]) }])
      else putBounded(this.#strangers, key, { count, waitUntilMs }, STRANGERS_MAX)
    })
  }

  async forgive (name: string, from: Origin): Promise<void> {
    const { records } = this.#ports.disk
    await this.#turns.run(async () => { await records.write([{ key: guessesKey(name, from), value: undefined }]) })
  }

  /** By which this node answers for users that it does not keep, as if it did. */
  async setup (make: () => Promise<string>): Promise<string> {
    return await this.#turns.run(async () => {
      const { records } = this.#ports.disk
      const kept = await records.get(SETUP_KEY)
      if (kept !== undefined) return new TextDecoder().decode(kept)
      const setup = await make()
      await records.write([{ key: SETUP_KEY, value: new TextEncoder().encode(setup) }])
      return setup
    })
  }

  async #remove (names: readonly string[]): Promise<void> {
    if (names.length === 0) return
    await this.#ports.disk.records.write(names.flatMap(name =>
      [{ key: USERS + name, value: undefined }, ...noGuesses(name)]))
  }

  #unlessGone (held: Held): Held | undefined {
    return this.#ports.isGone(held.record) ? undefined : held
  }

  #read (value: Uint8Array): Held {
    const [setup, wire] = decode(value) as [string, Uint8Array]
    return { setup, record: openUserRecord(wire, this.#ports.keys) }
  }
}

function guessesKey (name: string, from: Origin): string {
  return `authentication/guesses/${from}/${name}`
}

function noGuesses (name: string): Array<{ key: string, value: undefined }> {
  return (['inside', 'outside'] as const).map(from => ({ key: guessesKey(name, from), value: undefined }))
}

function guessesOf (value: Uint8Array): Guesses {
  const [count, waitUntilMs] = decode(value) as [number, number]
  return { count, waitUntilMs }
}

function stale (name: string): CloudError {
  return new CloudError('ESTALE', `The password of ${name} was changed since.`)
}

function tooMany (name: string, untilMs: number, waitMs: number): CloudError {
  return new CloudError('EAGAIN', `Too many wrong passwords were tried for ${name}; try again in ` +
    `${Math.ceil(waitMs / 1000)} s.`, { fields: { untilMs } })
}
