import { statfs } from 'node:fs/promises'
import { CloudError } from '@welkin/interface'

/** How much is handed out between two looks at the disk. */
const GRANT_BYTES = 4 * 1024 * 1024

/** Hands out the free space of a disk down to a reserve. */
export class Room {
  readonly #directory: string
  readonly #reserveBytes: number
  #grantedBytes = 0

  constructor (directory: string, reserveBytes: number) {
    this.#directory = directory
    this.#reserveBytes = reserveBytes
  }

  /** Rejects ENOSPC when `sizeBytes` more would go into the reserve. */
  async take (sizeBytes: number): Promise<void> {
    if (sizeBytes > this.#grantedBytes) {
      const { bavail, bsize } = await statfs(this.#directory)
      const freeBytes = bavail * bsize - this.#reserveBytes
      if (freeBytes < sizeBytes) {
        throw new CloudError('ENOSPC', `The disk of ${this.#directory} is full but for a reserve; make room on it.`)
      }
      this.#grantedBytes = Math.max(sizeBytes, Math.min(freeBytes, GRANT_BYTES))
    }
    this.#grantedBytes -= sizeBytes
  }
}
