import { decode, isSealedBy, seal, SIGNATURE_BYTES, type ObjectSpec } from '@welkin/abi'
import { collectBytes, mapConcurrently } from '@welkin/async'
import {
  CloudError, PAGE_BYTES, type BlobId, type CloudProcessId, type NodeId, type ObjectId, type OutputPosition
} from '@welkin/interface'
import type { ObjectRecord, Resident } from '../../residents.ts'
import { pack, unpack, type Belongings } from './belongings.ts'
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
  /** Of the state, and then of what hangs on the object. */
  pages: ReadonlyArray<BlobId | ''>
  belongings?: readonly Belongings[]
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
    const { blobs, carriers, clock, events, keys, objects, self } = this.#ports
    await object.whenHere()
    mannerOf(object, objects.driverOf(object), false)
    // First: what the object takes of it meanwhile comes once more, rather than never.
    const { belongings, contents } = await pack(carriers, object.record.id, keys)
    const state = await capture(object.task as NonNullable<Resident['task']>, false)
    const all = [...state.pages, ...belongings.flatMap(({ pages: own }) => own)]
    const pages = [...new Set(all)].filter(page => page !== '')
    let fresh = 0
    await mapConcurrently(pages, WIDTH, async page => {
      if (await blobs.has(page) !== undefined) return
      fresh += PAGE_BYTES
      await blobs.put(only(contents.get(page) ?? readOf(state, page)), { expected: page })
    })
    const { id, cp, spec, attempt, epoch = 0 } = object.record
    const { header, output } = state
    const manifest: Manifest = {
      node: self, object: id, cp, spec, attempt, epoch, takenAtMs: clock.wallMs(), header, pages: all,
      belongings, output: { ...output }
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

  /**
   * An object here goes on from there: the same, with what hung on it, or a new one, to which none of that was given.
   * Rejects as `open` and the driver do, EAGAIN, ENOSYS.
   */
  async goOn (
    checkpoint: BlobId, as: Partial<ObjectRecord> & Pick<ObjectRecord, 'id' | 'token'>
  ): Promise<void> {
    const { blobs, carriers, clock, objects } = this.#ports
    const manifest = await this.open(checkpoint)
    const { cp, spec, attempt, header, belongings = [], output } = manifest
    const hanging = belongings.reduce((count, { pages }) => count + pages.length, 0)
    const pages = manifest.pages.slice(0, manifest.pages.length - hanging)
    const record: ObjectRecord = {
      name: undefined, cp, spec, spawnedAtMs: clock.wallMs(), attempt, killed: false, startedAtMs: undefined,
      endedAtMs: undefined, exit: undefined, outputs: [], ...as
    }
    const object = objects.newcomer(record)
    const { program: { driver }, limits, isolation, network } = spec
    const { reservation, why } = objects.reserve({ driver, limits, isolation, network, count: 1, ttlMs: 600_000 })
    if (reservation === undefined) throw new CloudError('EAGAIN', `This node has no room for it: ${why}.`)
    try {
      const own = await object.taskSpec({ signal: new AbortController().signal })
      const state = { header, pages, output, manner: 'live' as const }
      const read = async (page: BlobId): Promise<Uint8Array> => {
        await blobs.fetch(page)
        return await collectBytes(blobs.read(page))
      }
      const restored = await restoreFrom(objects.driverOf(object), own, state, read)
      if (record.id === manifest.object) await unpack(carriers, record.id, belongings, read)
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
