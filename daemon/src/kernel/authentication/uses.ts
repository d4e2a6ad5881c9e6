import { decode, encode } from '@welkin/abi'
import { Gate } from '@welkin/async'
import type { Counted } from '@welkin/capability'
import { CloudError, type Clock, type Disk } from '@welkin/interface'

const PREFIX = 'authentication/uses/'
/** Counts outlast what they are of, in case the clock was set wrong. */
const GRACE_MS = 7 * 24 * 3_600_000

/** Counts the uses of counted grants, on the one node that each names. */
export class Uses {
  readonly #ports: { clock: Clock, disk: Disk }
  /** They take turns: two calls at once must not both have the last use. */
  readonly #turns = new Gate(1)

  constructor (ports: { clock: Clock, disk: Disk }) {
    this.#ports = ports
  }

  /** Takes one use of each list, durably. Rejects EACCES, and takes none, where one is used up; EIO, ENOSPC. */
  async take (counted: ReadonlyArray<readonly Counted[]>, expiresMs: number): Promise<void> {
    await this.#turns.run(async () => { await this.#take(counted, expiresMs) })
  }

  async #take (counted: ReadonlyArray<readonly Counted[]>, expiresMs: number): Promise<void> {
    const { records } = this.#ports.disk
    const changes = await Promise.all(counted.map(async alternatives => {
      for (const { key, uses } of alternatives) {
        const used = usesIn(await records.get(PREFIX + key))
        if (used < uses) return { key: PREFIX + key, value: encode([used + 1, expiresMs]) }
      }
      throw new CloudError('EACCES', 'This capability was used as often as it may be; ask for another.')
    }))
    await records.write(changes)
  }

  /** Lets go of the counts of what has long expired. */
  async sweep (): Promise<void> {
    const { clock, disk } = this.#ports
    const oldMs = clock.wallMs() - GRACE_MS
    const kept = await disk.records.list(PREFIX)
    const old = kept.filter(({ value }) => ((decode(value) as number[])[1] as number) < oldMs)
    if (old.length > 0) await disk.records.write(old.map(({ key }) => ({ key, value: undefined })))
  }
}

function usesIn (kept: Uint8Array | undefined): number {
  return kept === undefined ? 0 : (decode(kept) as number[])[0] as number
}
