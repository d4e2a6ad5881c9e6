import { setTimeout as sleep } from 'node:timers/promises'
import type { ObjectId } from '@welkin/interface'
import type { UnixConnection } from '@welkin/link-unix'
import { encodeMessage, type EndedTask, type News } from '../protocol.ts'

/** Growth is told at most so often, so that a task that writes much does not keep its daemon busy with being told. */
const GROWTH_PERIOD_MS = 20

/** Tells every daemon that is connected what happened. */
export class NewsDesk {
  readonly #readers = new Set<{ ended: Lane<EndedTask>, grown: Lane<ObjectId> }>()

  /** How many are connected. */
  get readers (): number {
    return this.#readers.size
  }

  /** Tells `connection` from now until it ends. */
  async serve ({ closed, link }: UnixConnection): Promise<void> {
    const send = async (news: News): Promise<void> => { await link.request(encodeMessage(news)) }
    const reader = {
      ended: new Lane<EndedTask>(ended => send({ ended }), 0),
      grown: new Lane<ObjectId>(grown => send({ grown }), GROWTH_PERIOD_MS)
    }
    this.#readers.add(reader)
    await closed
    this.#readers.delete(reader)
  }

  tellEnded (task: EndedTask): void {
    for (const { ended } of this.#readers) ended.put(task)
  }

  tellGrown (id: ObjectId): void {
    for (const { grown } of this.#readers) grown.put(id)
  }
}

/** Items on their way to one reader. What comes while it has not taken the last lot goes together in the next. */
class Lane<T> {
  readonly #send: (items: T[]) => Promise<void>
  readonly #periodMs: number
  readonly #items = new Set<T>()
  #busy = false

  constructor (send: (items: T[]) => Promise<void>, periodMs: number) {
    this.#send = send
    this.#periodMs = periodMs
  }

  put (item: T): void {
    this.#items.add(item)
    if (!this.#busy) void this.#run()
  }

  async #run (): Promise<void> {
    this.#busy = true
    while (this.#items.size > 0) {
      const items = [...this.#items]
      this.#items.clear()
      try {
        await this.#send(items)
      } catch {
        return // the connection ended: it stays busy for good, and the next daemon asks for itself
      }
      if (this.#periodMs > 0) await sleep(this.#periodMs)
    }
    this.#busy = false
  }
}
