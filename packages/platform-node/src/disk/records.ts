import { ClassicLevel } from 'classic-level'
import { CloudError, type RecordChange, type Records } from '@welkin/interface'
import { diskErrorOf, isErrno } from './faults.ts'
import type { Room } from './room.ts'

type Store = ClassicLevel<string, Uint8Array>
type Operation = { type: 'put', key: string, value: Uint8Array } | { type: 'del', key: string }

interface WaitingWrite { operations: Operation[], resolve: () => void, reject: (error: CloudError) => void }

const OPEN_OPTIONS = { keyEncoding: 'utf8', valueEncoding: 'view' } as const

/**
 * Records in LevelDB. Writes that come while one is being made durable share the next batch, so that a disk that
 * syncs slowly still takes many of them.
 */
export class LevelRecords implements Records {
  readonly #store: Store
  readonly #room: Room
  #waiting: WaitingWrite[] = []
  /** The batch that is being written, and those that will follow it. */
  #writing: Promise<void> | undefined
  /** What a failed write left at the end of LevelDB's log would hide later records; opening it again cuts that off. */
  #torn = false

  static async open (path: string, room: Room): Promise<LevelRecords> {
    const store: Store = new ClassicLevel(path, OPEN_OPTIONS)
    try {
      await store.open()
    } catch (error) {
      throw openingErrorOf(error, path)
    }
    return new LevelRecords(store, room)
  }

  private constructor (store: Store, room: Room) {
    this.#store = store
    this.#room = room
  }

  async get (key: string): Promise<Uint8Array | undefined> {
    return await this.#ask(async () => await this.#store.get(key))
  }

  async list (prefix: string): Promise<Array<{ key: string, value: Uint8Array }>> {
    return await this.#ask(async () => {
      const found: Array<{ key: string, value: Uint8Array }> = []
      for await (const [key, value] of this.#store.iterator({ gte: prefix })) {
        if (!key.startsWith(prefix)) break
        found.push({ key, value })
      }
      return found.toSorted(byCodeUnits) // LevelDB's order is by UTF-8 bytes
    })
  }

  async write (changes: readonly RecordChange[]): Promise<void> {
    const operations = changes.map(({ key, value }): Operation =>
      value === undefined ? { type: 'del', key } : { type: 'put', key, value: value.slice() })
    await new Promise<void>((resolve, reject) => {
      this.#waiting.push({ operations, resolve, reject })
      this.#writing ??= this.#writeWaiting()
    })
  }

  async close (): Promise<void> {
    await this.#writing
    await this.#store.close()
  }

  async #ask<T> (work: () => Promise<T>): Promise<T> {
    try {
      await this.#ready()
      return await work()
    } catch (error) {
      throw diskErrorOf(error, 'The records cannot be read')
    }
  }

  async #writeWaiting (): Promise<void> {
    while (this.#waiting.length > 0) {
      const writes = this.#waiting
      this.#waiting = []
      try {
        await this.#writeBatch(writes.flatMap(({ operations }) => operations))
        for (const { resolve } of writes) resolve()
      } catch (error) {
        const fault = diskErrorOf(error, 'The records cannot be written')
        for (const { reject } of writes) reject(fault)
      }
    }
    this.#writing = undefined
  }

  async #writeBatch (operations: Operation[]): Promise<void> {
    const sizeBytes = operations.reduce((sum, change) => change.type === 'put' ? sum + change.value.byteLength : sum, 0)
    if (sizeBytes > 0) await this.#room.take(sizeBytes)
    if (this.#torn) await this.#store.close()
    await this.#ready()
    this.#torn = true
    await this.#store.batch(operations, { sync: true })
    this.#torn = false
  }

  async #ready (): Promise<void> {
    if (this.#store.status !== 'open') await this.#store.open()
  }
}

function byCodeUnits (a: { key: string }, b: { key: string }): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0
}

function openingErrorOf (error: unknown, path: string): CloudError {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  if (isErrno(cause, 'LEVEL_LOCKED')) {
    const message = `Another process uses ${path}; stop it, or give this node another directory.`
    return new CloudError('EBUSY', message, { cause })
  }
  if (isErrno(cause, 'LEVEL_CORRUPTION')) {
    const message = `${path} is damaged; restore it from a copy, or give this node an empty directory.`
    return new CloudError('EIO', message, { cause })
  }
  return diskErrorOf(cause, `The records in ${path} cannot be opened`)
}
