import { decode, isSealedBy, seal, SIGNATURE_BYTES, type ObjectSpec } from '@welkin/abi'
import { collectBytes, mapConcurrently } from '@welkin/async'
import {
  CloudError, PAGE_BYTES, type BlobId, type CloudProcessId, type NodeId, type ObjectId, type OutputPosition
} from '@welkin/interface'
import type { ObjectRecord, Resident } from '../../residents.ts'
import { capture, mannerOf } from './manner.ts'
import type { MigrationPorts } from './ports.ts'
import { restoreFrom } from './restoring.ts'

const FORMAT = 'welkin checkpoint 1'
const WIDTH = 4
const MANIFEST_BYTES_MAX = 128 << 20

/** What a checkpoint is of; its pages are blobs by themselves. */
export interface Manifest {
  node: NodeId
  object: ObjectId
  cp: CloudProcessId
  spec: ObjectSpec
  attempt: number
  epoch: number
  takenAtMs: number
  header: Uint8Array
  pages: ReadonlyArray<BlobId | ''>
  output: OutputPosition
}

/** States as blobs: taken here, and gone on from here. */
export class Checkpoints {
  readonly #ports: MigrationPorts

  constructor (ports: MigrationPorts) {
    this.#ports = ports
  }

  /** The object's state at this moment. Rejects ENOENT, ESRCH, ENOSYS, ENOSPC, EIO, ESTALE (two at a time). */
  async take (object: Resident): Promise<{ checkpoint: BlobId, bytes: number, fresh: number }> {
    const { blobs, clock, events, keys, objects, self } = this.#ports
    await object.whenHere()
    mannerOf(object, objects.driverOf(object), false)
    const state = await capture(object.task as NonNullable<Resident['task']>, false)
    const pages = [...new Set(state.pages)].filter(page => page !== '')
    let fresh = 0
    await mapConcurrently(pages, WIDTH, async page => {
      if (await blobs.has(page) !== undefined) return
      fresh += PAGE_BYTES
      await blobs.put(only(readOf(state, page)), { expected: page })
    })
    const { id, cp, spec, attempt, epoch = 0 } = object.record
    const { header, output } = state
    const manifest: Manifest = {
      node: self, object: id, cp, spec, attempt, epoch, takenAtMs: clock.wallMs(), header, pages: [...state.pages],
      output: { ...output }
    }
    const { blob } = await blobs.put(only(seal([FORMAT, manifest], keys)))
    events.emit('objectCheckpointed', { object: id, checkpoint: blob, bytes: pages.length * PAGE_BYTES })
    return { checkpoint: blob, bytes: pages.length * PAGE_BYTES, fresh }
  }

  /** Rejects ENOENT, EIO, EINVAL (no checkpoint, or not as its node has signed it). */
  async open (checkpoint: BlobId): Promise<Manifest> {
    const { blobs, keys } = this.#ports
    const { sizeBytes } = await blobs.fetch(checkpoint)
    if (sizeBytes > MANIFEST_BYTES_MAX || sizeBytes <= SIGNATURE_BYTES) throw noCheckpoint(checkpoint)
    const wire = await collectBytes(blobs.read(checkpoint))
    try {
      const [format, manifest] = decode(wire.subarray(SIGNATURE_BYTES)) as [string, Manifest]
      if (format === FORMAT && isSealedBy(manifest.node, wire, keys)) return manifest
    } catch (error) {
      throw noCheckpoint(checkpoint, error)
    }
    throw noCheckpoint(checkpoint)
  }

  /** A new object here goes on from there. Rejects as `open` and the driver do, EAGAIN, ENOSYS. */
  async goOn (
    checkpoint: BlobId, { id, name, rights }: Pick<ObjectRecord, 'id' | 'name' | 'rights'>,
    drawToken: () => string
  ): Promise<void> {
    const { blobs, clock, objects } = this.#ports
    const { cp, spec, attempt, header, pages, output } = await this.open(checkpoint)
    const record: ObjectRecord = {
      id, cp, name, spec, spawnedAtMs: clock.wallMs(), token: drawToken(), attempt, killed: false,
      startedAtMs: undefined, endedAtMs: undefined, exit: undefined, outputs: [], rights
    }
    const object = objects.newcomer(record)
    const { program: { driver }, limits, isolation, network } = spec
    const { reservation, why } = objects.reserve({ driver, limits, isolation, network, count: 1, ttlMs: 600_000 })
    if (reservation === undefined) throw new CloudError('EAGAIN', `This node has no room for it: ${why}.`)
    try {
      const own = await object.taskSpec({ signal: new AbortController().signal })
      const state = { header, pages, output, manner: 'live' as const }
      const restored = await restoreFrom(objects.driverOf(object), own, state, async page => {
        await blobs.fetch(page)
        return await collectBytes(blobs.read(page))
      })
      await objects.arrive(object, reservation, async () => await restored.start())
    } finally {
      objects.release(reservation)
    }
  }
}

async function * only (bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

/** Throws ESTALE where the object's state was taken again meanwhile. */
function readOf (state: { read: (page: BlobId) => Uint8Array }, page: BlobId): Uint8Array {
  try {
    return state.read(page)
  } catch (cause) {
    const message = 'The state of this object was taken again meanwhile; ask again.'
    throw new CloudError('ESTALE', message, { cause })
  }
}

function noCheckpoint (checkpoint: BlobId, cause?: unknown): CloudError {
  const message = `Blob ${checkpoint} is no checkpoint, or not as its node has signed it.`
  return new CloudError('EINVAL', message, { fields: { checkpoint }, cause })
}
