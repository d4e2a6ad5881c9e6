import type { ObjectSpec } from '@welkin/abi'
import { CloudError, type Cancel, type Clock, type ObjectId } from '@welkin/interface'
import type { Promises, Room } from './promises.ts'

interface Reservation { kind: Pick<ObjectSpec, 'limits'>, left: number, cancel: Cancel }

/** Room that is kept for objects to come: it counts as promised until it is used, given up, or lapses. */
export class Reservations {
  readonly #clock: Clock
  readonly #promises: Promises
  readonly #drawId: () => ObjectId
  readonly #kept = new Map<ObjectId, Reservation>()

  constructor (clock: Clock, promises: Promises, drawId: () => ObjectId) {
    this.#clock = clock
    this.#promises = promises
    this.#drawId = drawId
  }

  /** Keeps room for `count` at the most; of none there is no reservation. */
  reserve (
    kind: Pick<ObjectSpec, 'limits'>, count: number, ttlMs: number
  ): { id: ObjectId | undefined, granted: number, room: Room } {
    const room = this.#promises.roomFor(kind)
    const granted = Math.max(0, Math.min(count, room.room))
    if (granted === 0) return { id: undefined, granted, room }
    const id = this.#drawId()
    const cancel = this.#clock.after(ttlMs, () => this.release(id))
    for (let i = 0; i < granted; i++) this.#promises.add(kind)
    this.#kept.set(id, { kind, left: granted, cancel })
    return { id, granted, room }
  }

  /** Gives the room of `count` of its objects back, for who promises it to them at once. Throws ESTALE. */
  use (id: ObjectId, count: number): void {
    const kept = this.#kept.get(id)
    if (kept === undefined || kept.left < count) {
      const message = 'The reservation has lapsed, or was for fewer objects; reserve again.'
      throw new CloudError('ESTALE', message, { fields: { reservation: id } })
    }
    this.#free(kept, count)
    if (kept.left === 0) this.release(id)
  }

  /** Gives up what is left of it; what is gone is no error. */
  release (id: ObjectId): void {
    const kept = this.#kept.get(id)
    if (kept === undefined) return
    kept.cancel()
    this.#kept.delete(id)
    this.#free(kept, kept.left)
  }

  /** Lets go of all, since the node stops. */
  close (): void {
    for (const { cancel } of this.#kept.values()) cancel()
    this.#kept.clear()
  }

  #free (kept: Reservation, count: number): void {
    for (let i = 0; i < count; i++) this.#promises.release(kept.kind)
    kept.left -= count
  }
}
