import {
  CloudError, type AbortOptions, type Cancel, type NodeId, type ObjectId, type OutputPosition
} from '@welkin/interface'
import { Hold } from './hold.ts'

/** Whether an object is here: to stay, standing still to go on here or elsewhere, just come, or gone. */
export class Presence {
  readonly #id: ObjectId
  readonly #held = new Hold()
  readonly #arriving = new Hold()
  #settled: Cancel = () => {}
  #movedTo: NodeId | undefined

  /** `hasJustCome`: where it came from may still go on with it. */
  constructor (id: ObjectId, hasJustCome: boolean) {
    this.#id = id
    if (hasJustCome) this.#settled = this.#arriving.begin()
  }

  get isHeld (): boolean {
    return this.#held.isHeld
  }

  get movedTo (): NodeId | undefined {
    return this.#movedTo
  }

  hold (): Cancel {
    return this.#held.begin()
  }

  /** Where it came from knows that it is here. */
  settle (): void {
    this.#settled()
  }

  depart (node: NodeId): void {
    this.#movedTo = node
    this.#settled()
  }

  /** Resolves when it is not held, wherever it is then. */
  async whenFree (options?: AbortOptions): Promise<void> {
    await this.#held.over(options)
  }

  /** Resolves when it is not held. Rejects ESTALE, with where it went, when it is here no more. */
  async whenHere (options?: AbortOptions): Promise<void> {
    await this.whenFree(options)
    if (this.#movedTo !== undefined) throw hasMoved(this.#id, this.#movedTo)
  }

  /** The same, when where it came from cannot go on with it any more. */
  async whenSettled (options?: AbortOptions): Promise<void> {
    await this.#arriving.over(options)
    await this.whenHere(options)
  }
}

/** `position`: how far its output was read here. */
export function hasMoved (id: ObjectId, node: NodeId, position?: OutputPosition): CloudError {
  const fields = { id, node, ...position }
  return new CloudError('ESTALE', `Object ${id} has moved to node ${node}; ask again.`, { fields })
}
