import { isCloudError, type Disk, type Logger, type NodeId } from '@welkin/interface'
import { z } from 'zod'

const PREFIX = 'resources/known/'

/** Enough to find any cloud again, few enough to be dialled all. */
const KEPT_MAX = 64

const schema = z.array(z.string())

export interface KnownAddressesPorts {
  disk: Disk
  log: Logger
  /** Whether a node is heard of now; the others make room first. */
  isUp: (id: NodeId) => boolean
}

/**
 * Where some other nodes were found, kept on disk: so this node finds the cloud again after a restart, or after it was
 * cut off for so long that nobody remembers anybody. What the disk refuses is told in the log, and done without.
 */
export class KnownAddresses {
  readonly #ports: KnownAddressesPorts
  readonly #kept = new Map<NodeId, readonly string[]>()
  /** Whose record on disk is not what is kept. */
  readonly #changed = new Set<NodeId>()
  #writing: Promise<void> | undefined

  constructor (ports: KnownAddressesPorts) {
    this.#ports = ports
  }

  /** Reads what earlier lives have kept. */
  async load (): Promise<void> {
    const { disk, log } = this.#ports
    try {
      for (const { key, value } of await disk.records.list(PREFIX)) {
        const id = key.slice(PREFIX.length)
        const addresses = parse(value)
        if (addresses === undefined) log.warn('resources.address_unreadable', { node: id })
        if (addresses === undefined || this.#kept.size >= KEPT_MAX) this.#write(id)
        else this.#kept.set(id, addresses)
      }
    } catch (error) {
      if (!isCloudError(error)) throw error
      log.warn('resources.addresses_unreadable', { code: error.code, reason: error.message })
    }
  }

  all (): ReadonlyMap<NodeId, readonly string[]> {
    return this.#kept
  }

  /** Keeps the addresses in place of earlier ones. Where there is no room, a node that is not up makes it, or none. */
  remember (id: NodeId, addresses: readonly string[]): void {
    const kept = this.#kept.get(id)
    if (kept === undefined && !this.#makeRoom()) return
    if (kept !== undefined && isSame(kept, addresses)) return
    this.#kept.set(id, addresses)
    this.#write(id)
  }

  forget (id: NodeId): void {
    if (this.#kept.delete(id)) this.#write(id)
  }

  /** Resolves when nothing is being written. */
  async settled (): Promise<void> {
    await this.#writing
  }

  #makeRoom (): boolean {
    if (this.#kept.size < KEPT_MAX) return true
    for (const id of this.#kept.keys()) {
      if (this.#ports.isUp(id)) continue
      this.forget(id)
      return true
    }
    return false
  }

  #write (id: NodeId): void {
    this.#changed.add(id)
    this.#writing ??= this.#writeChanged()
  }

  // What changes while the disk is busy goes with the next batch.
  async #writeChanged (): Promise<void> {
    const { disk, log } = this.#ports
    while (this.#changed.size > 0) {
      const ids = [...this.#changed]
      this.#changed.clear()
      try {
        await disk.records.write(ids.map(id => ({ key: PREFIX + id, value: format(this.#kept.get(id)) })))
      } catch (error) {
        if (!isCloudError(error)) throw error
        log.warn('resources.addresses_not_kept', { code: error.code, reason: error.message })
      }
    }
    this.#writing = undefined
  }
}

function parse (value: Uint8Array): string[] | undefined {
  try {
    return schema.parse(JSON.parse(new TextDecoder().decode(value)))
  } catch {
    return undefined
  }
}

function format (addresses: readonly string[] | undefined): Uint8Array | undefined {
  return addresses === undefined ? undefined : new TextEncoder().encode(JSON.stringify(addresses))
}

function isSame (a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((address, i) => address === b[i])
}
