import { concatBytes } from '@welkin/async'
import { CloudError, drawInteger, type Random, type RecordChange } from '@welkin/interface'
import type { Life } from './life.ts'
import type { Timeline } from './timeline.ts'

export interface PlatterOptions {
  capacityBytes: number
  /** From the last byte's arrival until a write is durable. */
  writeLatencyMs: number
  /** Until the first byte of a file comes. */
  readLatencyMs: number
  bytesPerSecond: number
}

/** A solid-state disk of a small server. */
const DEFAULTS: PlatterOptions = { capacityBytes: 100e9, writeLatencyMs: 1, readLatencyMs: 0.1, bytesPerSecond: 400e6 }

/** A change that is on its way to the platter. */
interface PendingChange { growthBytes: () => number, apply: () => void }

/**
 * What a disk holds when nobody is looking: it survives its node's lives. Changes take their turn, one after the other,
 * and are made at one moment each; those under way when a life ends are made or lost, each by the toss of a coin.
 */
export class Platter {
  readonly #timeline: Timeline
  readonly #random: Random
  readonly #options: PlatterOptions
  /** As text, a character a byte: a cloud has many small ones, and arrays of bytes take five times as much memory. */
  readonly #records = new Map<string, string>()
  readonly #files = new Map<string, Uint8Array>()
  readonly #pending = new Set<PendingChange>()
  /** Of drafts. */
  #heldBytes = 0
  #usedBytes = 0
  #busyUntilMs = 0
  readonly #slowing = new Set<{ factor: number }>()

  constructor (timeline: Timeline, random: Random, options: Partial<PlatterOptions> = {}) {
    this.#timeline = timeline
    this.#random = random
    this.#options = { ...DEFAULTS, ...options }
  }

  get capacityBytes (): number {
    return this.#options.capacityBytes
  }

  get freeBytes (): number {
    return Math.max(0, this.#options.capacityBytes - this.#usedBytes - this.#heldBytes)
  }

  /** A copy of the record under this key. */
  record (key: string): Uint8Array | undefined {
    const text = this.#records.get(key)
    return text === undefined ? undefined : new Uint8Array(Buffer.from(text, 'latin1'))
  }

  recordKeys (): string[] {
    return [...this.#records.keys()]
  }

  get files (): ReadonlyMap<string, Uint8Array> {
    return this.#files
  }

  /** Makes the disk larger or smaller; what it holds stays. */
  resize (capacityBytes: number): void {
    this.#options.capacityBytes = capacityBytes
  }

  /**
   * Whatever is asked of it takes `factor` times as long, until the returned function is called; of several factors the
   * largest holds.
   */
  slowDown (factor: number): () => void {
    const cause = { factor }
    this.#slowing.add(cause)
    return () => { this.#slowing.delete(cause) }
  }

  get #slowness (): number {
    return Math.max(1, ...[...this.#slowing].map(({ factor }) => factor))
  }

  /** Flips one bit of a file that is not empty. */
  corruptFile (name: string): void {
    const content = this.#files.get(name)?.slice()
    if (content === undefined || content.byteLength === 0) throw new RangeError(`${name} has nothing to corrupt.`)
    const at = drawInteger(this.#random, content.byteLength)
    content[at] = (content[at] as number) ^ (1 << drawInteger(this.#random, 8))
    this.#files.set(name, content)
  }

  /** What a dying life leaves behind: its drafts are gone, and chance decides over each change that was under way. */
  settle (): void {
    for (const change of this.#pending) {
      if (this.#random.unit() < 0.5 && change.growthBytes() <= this.freeBytes) change.apply()
    }
    this.#pending.clear()
    this.#heldBytes = 0
    this.#busyUntilMs = this.#timeline.nowMs
  }

  /** Resolves when all changes of the batch are durable. Rejects ENOSPC with nothing changed. */
  async writeRecords (life: Life, changes: readonly RecordChange[]): Promise<void> {
    await this.#change(life, changes.reduce((sum, { key, value }) => sum + sizeOf(key, value), 0), {
      growthBytes: () => changes.reduce(
        (sum, { key, value }) => sum + sizeOf(key, value) - sizeOf(key, this.#records.get(key)), 0
      ),
      apply: () => { for (const { key, value } of changes) this.#put(this.#records, key, textOf(value)) }
    })
  }

  /** Takes room for bytes that have no name yet. Throws ENOSPC. */
  hold (sizeBytes: number): void {
    if (sizeBytes > this.freeBytes) throw full()
    this.#heldBytes += sizeBytes
  }

  /** Gives back room that was held. */
  release (sizeBytes: number): void {
    this.#heldBytes -= sizeBytes
  }

  /** Resolves when the file, for which room was held, is durable under its name. */
  async writeFile (life: Life, name: string, parts: readonly Uint8Array[]): Promise<void> {
    const content = concatBytes(parts)
    await this.#change(life, 0, {
      growthBytes: () => 0,
      apply: () => {
        this.release(content.byteLength)
        this.#put(this.#files, name, content)
      }
    })
  }

  /** Resolves when the file is gone for good. */
  async removeFile (life: Life, name: string): Promise<void> {
    await this.#change(life, 0, { growthBytes: () => 0, apply: () => this.#put(this.#files, name, undefined) })
  }

  /** Resolves when so many bytes have been taken; they are not durable yet. */
  async passWrite (life: Life, sizeBytes: number): Promise<void> {
    await life.pass(this.#turnMs(sizeBytes))
  }

  /** Resolves when so many bytes have been read. */
  async passRead (life: Life, sizeBytes: number): Promise<void> {
    await life.pass(this.#turnMs(sizeBytes) + this.#options.readLatencyMs * this.#slowness)
  }

  async #change (life: Life, sizeBytes: number, change: PendingChange): Promise<void> {
    this.#pending.add(change)
    await life.pass(this.#turnMs(sizeBytes) + this.#options.writeLatencyMs * this.#slowness)
    // The disk was closed meanwhile, and chance has decided over this.
    if (!this.#pending.delete(change)) await new Promise<never>(() => {})
    if (change.growthBytes() > this.freeBytes) throw full()
    change.apply()
  }

  #put<T extends Content> (into: Map<string, T>, name: string, content: T | undefined): void {
    this.#usedBytes += sizeOf(name, content) - sizeOf(name, into.get(name))
    if (content === undefined) into.delete(name)
    else into.set(name, content)
  }

  /** Milliseconds until so many bytes, which queue up now, have gone through. */
  #turnMs (sizeBytes: number): number {
    const { nowMs } = this.#timeline
    const ownMs = sizeBytes / this.#options.bytesPerSecond * 1000 * this.#slowness
    this.#busyUntilMs = Math.max(nowMs, this.#busyUntilMs) + ownMs
    return this.#busyUntilMs - nowMs
  }
}

/** A character of a record is a byte. */
type Content = string | Uint8Array

function sizeOf (name: string, content: Content | undefined): number {
  return content === undefined ? 0 : name.length + content.length
}

function textOf (bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : Buffer.from(bytes).toString('latin1')
}

function full (): CloudError {
  return new CloudError('ENOSPC', 'The virtual disk is full; remove objects or blobs from this node.')
}
