import { Mailbox, mapConcurrently, SharedWork } from '@welkin/async'
import {
  CloudError, isCloudError, isHeard, shuffled, throwIfAborted, toHex, type AbortOptions, type BlobId, type BlobInfo,
  type Blobs, type Clock, type Disk, type Keys, type Logger, type Membership, type MetricRegister, type NodeId,
  type Random, type SpareOption
} from '@welkin/interface'
import type { Calls } from '../../dispatch/index.ts'
import { registerMetrics, type BlobMetrics } from './metrics.ts'

import { unlessQuiet } from './unless-quiet.ts'

const ASK_TIMEOUT_MS = 3000
const ASK_WIDTH = 32
/** A holder that sends nothing for so long is left for another. */
const QUIET_MAX_MS = 5000
const VERIFIED_MAX = 100_000
const SPARES = 'spare/'

export interface BlobPorts {
  clock: Clock
  disk: Disk
  keys: Keys
  random: Random
  log: Logger
  metrics: MetricRegister
  membership: Membership
  calls: Calls
}

export function createBlobs (ports: BlobPorts): Blobs {
  return new DiskBlobs(ports)
}

class DiskBlobs implements Blobs {
  readonly #ports: BlobPorts
  readonly #random: Random
  readonly #metrics: BlobMetrics
  readonly #fetches = new SharedWork<BlobInfo>()
  /** Copies here that were seen to be good in this life of the node, by their files. */
  readonly #verified = new Set<string>()
  /** Grows when a copy begins to take its place, and when it has. */
  #commits = 0

  constructor (ports: BlobPorts) {
    this.#ports = ports
    this.#random = ports.random.fork('blobs')
    this.#metrics = registerMetrics(ports.metrics)
  }

  async put (
    content: AsyncIterable<Uint8Array>,
    { expected, signal, spare = false }: AbortOptions & SpareOption & { expected?: BlobId | undefined } = {}
  ): Promise<BlobInfo> {
    const { disk: { files }, keys } = this.#ports
    const draft = await files.create()
    try {
      const digest = keys.digest()
      let sizeBytes = 0
      let written = Promise.resolve()
      for await (const piece of content) {
        throwIfAborted(signal)
        digest.update(piece)
        sizeBytes += piece.byteLength
        await written
        // Written while the next piece comes.
        written = draft.append(piece)
        written.catch(() => { /* told by the next wait for it */ })
      }
      await written
      const blob = toHex(digest.done())
      if (expected !== undefined && blob !== expected) {
        const message = `The content has another hash (${blob}) than was expected (${expected}).`
        throw new CloudError('EIO', message, { fields: { blob, expected } })
      }
      this.#commits++
      await draft.commit(fileOf(blob, spare)) // in place of a copy that may be damaged
      this.#commits++
      this.#markVerified(fileOf(blob, spare))
      this.#metrics.written.add(sizeBytes)
      return { blob, sizeBytes }
    } catch (error) {
      await draft.discard()
      throw error
    }
  }

  async has (blob: BlobId): Promise<BlobInfo | undefined> {
    return (await this.#find(blob))?.info
  }

  async fetch (blob: BlobId, { signal, spare = false }: AbortOptions & SpareOption = {}): Promise<BlobInfo> {
    for (const file of spare ? filesOf(blob) : [fileOf(blob)]) {
      const here = this.#verified.has(file) ? await this.#infoOf(file, blob) : undefined
      if (here !== undefined) return here
    }
    return await this.#fetches.join(fileOf(blob, spare), async until => {
      const own = await this.#goodCopy(blob, fileOf(blob), until)
      if (own !== undefined) return own
      const there = await this.#goodCopy(blob, fileOf(blob, true), until)
      if (there === undefined) return await this.#bring(blob, spare, until)
      return spare ? there : await this.put(this.#readVerified(blob, fileOf(blob, true)), { expected: blob })
    }, { signal })
  }

  async * read (
    blob: BlobId, range: { from?: number, length?: number | undefined } = {}
  ): AsyncGenerator<Uint8Array> {
    const { from = 0, length } = range
    const { file } = await this.#find(blob) ?? { file: fileOf(blob) }
    const isWhole = from === 0 && length === undefined
    yield * isWhole ? this.#readVerified(blob, file) : this.#ports.disk.files.read(file, range)
  }

  localPath (blob: BlobId): string | undefined {
    return this.#ports.disk.files.localPath(fileOf(blob))
  }

  async holders (blob: BlobId, { signal }: AbortOptions = {}): Promise<NodeId[]> {
    const holders = await this.has(blob) === undefined ? [] : [this.#ports.membership.self]
    for await (const node of this.#otherHolders(blob, signal)) holders.push(node)
    throwIfAborted(signal)
    return holders
  }

  async remove (blob: BlobId): Promise<void> {
    for (const file of filesOf(blob)) await this.#removeFile(file)
  }

  async spares (): Promise<BlobId[]> {
    return (await this.#ports.disk.files.list(SPARES)).map(file => file.slice(file.lastIndexOf('/') + 1))
  }

  async discard (blob: BlobId): Promise<void> {
    await this.#removeFile(fileOf(blob, true))
  }

  async #removeFile (file: string): Promise<void> {
    this.#verified.delete(file)
    await this.#ports.disk.files.remove(file)
  }

  /** The copy that is here; of two, that which is no spare one. */
  async #find (blob: BlobId): Promise<{ file: string, info: BlobInfo } | undefined> {
    for (const file of filesOf(blob)) {
      const info = await this.#infoOf(file, blob)
      if (info !== undefined) return { file, info }
    }
    return undefined
  }

  async #infoOf (file: string, blob: BlobId): Promise<BlobInfo | undefined> {
    const sizeBytes = await this.#ports.disk.files.size(file)
    return sizeBytes === undefined ? undefined : { blob, sizeBytes }
  }

  /** The whole copy in this file. One that proves to be damaged is removed, and its end is EIO. */
  async * #readVerified (blob: BlobId, file: string): AsyncGenerator<Uint8Array> {
    const { disk: { files }, keys, log } = this.#ports
    const digest = keys.digest()
    const commitsBefore = this.#commits
    for await (const piece of files.read(file)) {
      digest.update(piece)
      yield piece
    }
    if (toHex(digest.done()) === blob) {
      this.#markVerified(file)
      return
    }
    log.warn('blobs.damage_found', { blob })
    this.#verified.delete(file)
    // What came meanwhile may be a good copy of this very blob.
    if (this.#commits === commitsBefore) await this.#removeFile(file)
    const message = `The copy of blob ${blob} that was here is damaged, and not kept; ask again for another node's.`
    throw new CloudError('EIO', message, { fields: { blob } })
  }

  /** The copy in this file, read to its end to see that it is good; undefined: there is none (any more). */
  async #goodCopy (blob: BlobId, file: string, signal: AbortSignal): Promise<BlobInfo | undefined> {
    const here = await this.#infoOf(file, blob)
    if (here === undefined) return undefined
    try {
      for await (const _piece of this.#readVerified(blob, file)) throwIfAborted(signal)
      return here
    } catch (error) {
      if (!isCloudError(error, 'EIO', 'ENOENT')) throw error
      return undefined
    }
  }

  /** From the first holder that answers; where it fails, from the next. */
  async #bring (blob: BlobId, spare: boolean, signal: AbortSignal): Promise<BlobInfo> {
    const { log } = this.#ports
    const failures: string[] = []
    for await (const node of this.#otherHolders(blob, signal)) {
      try {
        const info = await this.put(this.#readFrom(node, blob, signal), { expected: blob, signal, spare })
        this.#metrics.fetched.add(info.sizeBytes)
        return info
      } catch (error) {
        throwIfAborted(signal)
        if (!isCloudError(error) || isCloudError(error, 'ENOSPC')) throw error
        log.warn('blobs.holder_failed', { node, blob, code: error.code })
        failures.push(`${node}: ${error.code}`)
      }
    }
    throwIfAborted(signal)
    if (failures.length > 0) {
      const message = `Blob ${blob} could not be read from any of its holders.`
      throw new CloudError('EIO', message, { fields: { blob, failures } })
    }
    throw new CloudError('ENOENT', `No node that answers has blob ${blob}; put it again.`, { fields: { blob } })
  }

  #readFrom (node: NodeId, blob: BlobId, signal: AbortSignal): AsyncIterable<Uint8Array> {
    const { calls, clock } = this.#ports
    const watch = { quietMaxMs: QUIET_MAX_MS, signal, what: `blob ${blob} from ${node}` }
    return unlessQuiet(clock, watch, until => calls.at(node).blob.get({ blob, here: true }, { signal: until }))
  }

  /** The other nodes that have the blob, each as soon as it says so; ends early when aborted. */
  #otherHolders (blob: BlobId, signal: AbortSignal | undefined): Mailbox<NodeId> {
    const { membership } = this.#ports
    const holders = new Mailbox<NodeId>()
    const ask = async (): Promise<void> => {
      try {
        const nodes = (await membership.everyone()).nodes
          .filter(node => isHeard(node) && node.id !== membership.self)
        await mapConcurrently(shuffled(this.#random, nodes), ASK_WIDTH, async ({ id }) => {
          if (await this.#isAt(id, blob, signal)) holders.put(id)
        })
      } finally {
        holders.end()
      }
    }
    void ask()
    return holders
  }

  /** False for a node that does not answer as well. */
  async #isAt (node: NodeId, blob: BlobId, signal: AbortSignal | undefined): Promise<boolean> {
    const { calls, log } = this.#ports
    if (signal?.aborted === true) return false
    try {
      await calls.at(node).blob.stat({ blob, here: true }, { timeoutMs: ASK_TIMEOUT_MS, signal })
      return true
    } catch (error) {
      if (!isCloudError(error)) throw error
      if (!isCloudError(error, 'ENOENT', 'ECANCELED')) log.debug('blobs.node_not_asked', { node, code: error.code })
      return false
    }
  }

  #markVerified (file: string): void {
    this.#verified.add(file)
    for (const oldest of this.#verified) {
      if (this.#verified.size <= VERIFIED_MAX) return
      this.#verified.delete(oldest)
    }
  }
}

/** Two levels of folders, so that none grows too large. */
function fileOf (blob: BlobId, spare = false): string {
  return `${spare ? SPARES : 'blobs/'}${blob.slice(0, 2)}/${blob}`
}

function filesOf (blob: BlobId): string[] {
  return [fileOf(blob), fileOf(blob, true)]
}
