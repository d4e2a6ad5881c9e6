import { Gate, mapConcurrently } from '@welkin/async'
import { ignoreFault, type BlobId, type Blobs } from '@welkin/interface'

const WIDTH = 8

interface Held { blobs: ReadonlySet<BlobId>, times: number }

/**
 * The checkpoints that this node keeps by itself, as spare copies: each page is there as long as one of them needs it,
 * and no longer. What somebody has asked to be kept is a copy of its own, and not touched.
 */
export class Shelf {
  readonly #blobs: Pick<Blobs, 'discard' | 'spares'>
  readonly #held = new Map<BlobId, Held>()
  /** By how many checkpoints each blob is needed. */
  readonly #needs = new Map<BlobId, number>()
  /** What is being removed is not to be found there by who is just about to need it. */
  readonly #gate = new Gate(1)

  constructor (blobs: Pick<Blobs, 'discard' | 'spares'>) {
    this.#blobs = blobs
  }

  /** From now on it is needed; to be called before any of its blobs is looked for here. */
  async hold (checkpoint: BlobId, pages: ReadonlyArray<BlobId | ''>): Promise<void> {
    await this.#gate.run(async () => {
      const held = this.#held.get(checkpoint)
      if (held !== undefined) {
        held.times++
        return
      }
      const blobs = new Set([checkpoint, ...pages.filter(page => page !== '')])
      this.#held.set(checkpoint, { blobs, times: 1 })
      for (const blob of blobs) this.#needs.set(blob, (this.#needs.get(blob) ?? 0) + 1)
    })
  }

  /** It is needed once less; what is not needed at all any more is removed. One that is not held is no error. */
  async drop (checkpoint: BlobId): Promise<void> {
    await this.#gate.run(async () => {
      const held = this.#held.get(checkpoint)
      if (held === undefined || --held.times > 0) return
      this.#held.delete(checkpoint)
      await this.#discard([...held.blobs].filter(blob => {
        const needs = (this.#needs.get(blob) ?? 0) - 1
        if (needs > 0) this.#needs.set(blob, needs)
        else this.#needs.delete(blob)
        return needs <= 0
      }))
    })
  }

  /** Removes the spare copy of a blob that nobody needs. */
  async tidy (blob: BlobId): Promise<void> {
    await this.#gate.run(async () => { if (!this.#needs.has(blob)) await this.#discard([blob]) })
  }

  /** Removes what an earlier life of this node has left that nobody needs. */
  async sweep (): Promise<void> {
    await this.#gate.run(async () => {
      await this.#discard((await this.#blobs.spares()).filter(blob => !this.#needs.has(blob)))
    })
  }

  /** What a disk does not let go of now the next start does. */
  async #discard (blobs: readonly BlobId[]): Promise<void> {
    await mapConcurrently(blobs, WIDTH, async blob => { await this.#blobs.discard(blob).catch(ignoreFault) })
  }
}
