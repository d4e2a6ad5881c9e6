import { mapConcurrently } from '@welkin/async'
import {
  CloudError, isCloudError, shuffled, throwIfAborted, toHex, type AbortOptions, type BlobId, type BlobInfo, type Blobs, type Disk, type FileDraft,
  type Keys, type Logger, type Membership, type MetricRegister, type NodeId, type Random
} from '@welkin/interface'
import type { Calls } from '../../dispatch/index.ts'
import { registerMetrics, type BlobMetrics } from './metrics.ts'

const ASK_TIMEOUT_MS = 3000
const ASK_WIDTH = 32

export interface BlobPorts {
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
  /** One fetch of a blob at a time, however many ask for it. */
  readonly #fetches = new Map<BlobId, Promise<BlobInfo>>()

  constructor (ports: BlobPorts) {
    this.#ports = ports
    this.#random = ports.random.fork('blobs')
    this.#metrics = registerMetrics(ports.metrics)
  }

  async put (content: AsyncIterable<Uint8Array>, { expected, signal }: AbortOptions & { expected?: BlobId | undefined } = {}): Promise<BlobInfo> {
    const { disk: { files }, keys } = this.#ports
    const draft = await files.create()
    try {
      const digest = keys.digest()
      let sizeBytes = 0
      for await (const piece of content) {
        throwIfAborted(signal)
        digest.update(piece)
        sizeBytes += piece.byteLength
        await draft.append(piece)
      }
      const blob = toHex(digest.done())
      if (expected !== undefined && blob !== expected) {
        throw new CloudError('EIO', `The content has another hash (${blob}) than was expected (${expected}).`, { fields: { blob, expected } })
      }
      await this.#keep(draft, blob)
      this.#metrics.written.add(sizeBytes)
      return { blob, sizeBytes }
    } catch (error) {
      await draft.discard()
      throw error
    }
  }

  async has (blob: BlobId): Promise<BlobInfo | undefined> {
    const sizeBytes = await this.#ports.disk.files.size(fileOf(blob))
    return sizeBytes === undefined ? undefined : { blob, sizeBytes }
  }

  async fetch (blob: BlobId, { signal }: AbortOptions = {}): Promise<BlobInfo> {
    const here = await this.has(blob)
    if (here !== undefined) return here
    throwIfAborted(signal)
    let fetch = this.#fetches.get(blob)
    if (fetch === undefined) {
      fetch = this.#bring(blob).finally(() => { this.#fetches.delete(blob) })
      this.#fetches.set(blob, fetch)
    }
    return await fetch
  }

  read (blob: BlobId, range?: { from?: number, length?: number | undefined }): AsyncIterable<Uint8Array> {
    return this.#ports.disk.files.read(fileOf(blob), range)
  }

  localPath (blob: BlobId): string | undefined {
    return this.#ports.disk.files.localPath(fileOf(blob))
  }

  async holders (blob: BlobId, { signal }: AbortOptions = {}): Promise<NodeId[]> {
    const { calls, log, membership } = this.#ports
    const nodes = membership.nodes().filter(({ id, state }) => state === 'up' && id !== membership.self)
    const answers = await mapConcurrently(nodes, ASK_WIDTH, async ({ id }) => {
      try {
        await calls.at(id).blob.stat({ blob, here: true }, { timeoutMs: ASK_TIMEOUT_MS, signal })
        return [id]
      } catch (error) {
        if (!isCloudError(error)) throw error
        if (error.code !== 'ENOENT') log.debug('blobs.node_not_asked', { node: id, code: error.code })
        return []
      }
    })
    return [...await this.has(blob) === undefined ? [] : [membership.self], ...answers.flat()]
  }

  async remove (blob: BlobId): Promise<void> {
    await this.#ports.disk.files.remove(fileOf(blob))
  }

  async #keep (draft: FileDraft, blob: BlobId): Promise<void> {
    if (await this.has(blob) === undefined) await draft.commit(fileOf(blob))
    else await draft.discard()
  }

  /** One holder after another, in random order, until one delivers what the hash promises. */
  async #bring (blob: BlobId): Promise<BlobInfo> {
    const { calls, log } = this.#ports
    const failures: string[] = []
    for (const node of shuffled(this.#random, await this.holders(blob))) {
      try {
        const info = await this.put(calls.at(node).blob.get({ blob, here: true }), { expected: blob })
        this.#metrics.fetched.add(info.sizeBytes)
        return info
      } catch (error) {
        if (!isCloudError(error) || isCloudError(error, 'ENOSPC')) throw error
        log.warn('blobs.holder_failed', { node, blob, code: error.code })
        failures.push(`${node}: ${error.code}`)
      }
    }
    if (failures.length > 0) throw new CloudError('EIO', `Blob ${blob} could not be read from any of its holders.`, { fields: { blob, failures } })
    throw new CloudError('ENOENT', `No node that answers has blob ${blob}; put it again.`, { fields: { blob } })
  }
}

/** Two levels of folders, so that none grows too large. */
function fileOf (blob: BlobId): string {
  return `blobs/${blob.slice(0, 2)}/${blob}`
}
