import { CloudError, isCloudError, type NodeId, type ObjectId } from '@welkin/interface'
import type { VirtualCloud } from '@welkin/sim'
import type { Syscalls } from '@welkin/syscalls'
import { bytesOf } from './talk.ts'

/** Letters that are sent to an object, one after the other, each until it is said to have arrived. */
export class Letters {
  readonly taken: string[] = []
  readonly #cloud: VirtualCloud
  readonly #id: ObjectId
  readonly #by: () => Syscalls
  #isOver = false

  constructor (cloud: VirtualCloud, id: ObjectId, by: () => Syscalls) {
    this.#cloud = cloud
    this.#id = id
    this.#by = by
  }

  /** Until `stop`. A failure of the world is tried again; one that says that the object has ended ends it. */
  async send (): Promise<void> {
    for (let nth = 1; !this.#isOver; nth++) {
      const letter = { to: { object: this.#id }, id: `letter-${nth}`, body: bytesOf(`${nth}`) }
      for (let isTaken = false; !isTaken && !this.#isOver;) {
        isTaken = await this.#by().send(letter).then(() => true, (error: unknown) => {
          if (!isCloudError(error)) throw error
          if (isCloudError(error, 'ESRCH')) this.#isOver = true
          return false
        })
        if (isTaken) this.taken.push(letter.id)
        await this.#cloud.pass(20)
      }
    }
  }

  stop (): void {
    this.#isOver = true
  }

  /** What of that is wrong in the mailbox, where the object is: some are missing, doubled, or out of order. */
  async faultsAt (node: NodeId): Promise<string[]> {
    const found = await this.readAt(node, this.taken.length)
    const wrong = this.taken.findIndex((id, at) => found[at] !== id)
    return wrong < 0 ? [] : [`${this.taken[wrong]} was taken, and ${found[wrong]} is in its place at ${node}`]
  }

  /** The first so many letters of the mailbox, or those that are there. */
  async readAt (node: NodeId, count: number): Promise<string[]> {
    const found: string[] = []
    const enough = new AbortController()
    this.#cloud.after(5000, () => enough.abort(new CloudError('ECANCELED', 'No more comes.')))
    const options = { input: nothing(), signal: enough.signal }
    try {
      for await (const { id } of this.#cloud.objectSyscalls(node, this.#id).receive({ ahead: 1024 }, options)) {
        found.push(id)
        if (found.length >= count) break
      }
    } catch (error) {
      if (!isCloudError(error, 'ECANCELED')) throw error
    }
    return found
  }
}

// eslint-disable-next-line require-yield
async function * nothing (): AsyncGenerator<{ ack: string }> {
  await new Promise<never>(() => {})
}
