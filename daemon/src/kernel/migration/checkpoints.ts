import { decode, isSealedBy, seal, SIGNATURE_BYTES, type ObjectSpec } from '@welkin/abi'
import { collectBytes, mapConcurrently } from '@welkin/async'
import {
  CloudError, ignoreFault, PAGE_BYTES, toHex, type BlobId, type CloudProcessId, type NodeId, type ObjectId,
  type OutputPosition
} from '@welkin/interface'
import type { ObjectRecord, Resident } from '../../residents.ts'
import { pack, unpack, type Belongings } from './belongings.ts'
import { capture, mannerOf } from './manner.ts'
import type { MigrationPorts } from './ports.ts'
import { restoreFrom } from './restoring.ts'
import { Shelf } from './shelf.ts'

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
  /** Those that nodes keep by themselves. */
  readonly shelf: Shelf
  readonly #ports: MigrationPorts

  constructor (ports: MigrationPorts) {
    this.#ports = ports
    this.shelf = new Shelf(ports.blobs)
  }

  /**
   * The object's state at this moment. `spare`: it is held on the shelf, from which it is to be dropped. Rejects
   * ENOENT, ESRCH, ENOSYS, ENOSPC, EIO, ESTALE (two at a time), ETIMEDOUT.
   */
  async take (
    object: Resident, { spare = false } = {}
  ): Promise<{ checkpoint: BlobId, bytes: number, fresh: number }> {
    const { carriers, clock, events, keys, objects, self } = this.#ports
    await object.whenHere()
    mannerOf(object, objects.driverOf(object), false)
    // First: what the object takes of it meanwhile comes once more, rather than never.
    const { belongings, contents } = await pack(carriers, object.record.id, keys)
    const state = await capture(object.task as NonNullable<Resident['task']>, false)
    const { id, cp, spec, attempt, epoch = 0 } = object.record
    const { header, output } = state
    const manifest: Manifest = {
      node: self, object: id, cp, spec, attempt, epoch, takenAtMs: clock.wallMs(), header,
      pages: [...state.pages, ...belongings.flatMap(({ pages }) => pages)],
      belongings, output: { ...output }
    }
    const wire = seal([FORMAT, manifest], keys)
    const checkpoint = toHex(keys.digest().update(wire).done())
    let isPut = false
    await this.shelf.hold(checkpoint, manifest.pages)
    try {
      const read = (page: BlobId): Uint8Array => contents.get(page) ?? readOf(state, page)
      const { bytes, fresh } = await this.#put(manifest.pages, read, wire, spare)
      events.emit('objectCheckpointed', { object: id, checkpoint, bytes })
      isPut = true
      return { checkpoint, bytes, fresh }
    } finally {
      if (!spare || !isPut) await this.shelf.drop(checkpoint)
    }
  }

  /** The manifest comes last: who finds it finds all. */
  async #put (
    all: ReadonlyArray<BlobId | ''>, read: (page: BlobId) => Uint8Array, manifest: Uint8Array,
    spare: boolean
  ): Promise<{ bytes: number, fresh: number }> {
    const { blobs } = this.#ports
    const pages = [...new Set(all)].filter(page => page !== '')
    let fresh = 0
    await mapConcurrently(pages, WIDTH, async page => {
      if (await blobs.has(page) !== undefined) {
        if (!spare) await blobs.fetch(page) // a spare copy is not enough
        return
      }
      fresh += PAGE_BYTES
      await blobs.put(only(read(page)), { expected: page, spare })
    })
    await blobs.put(only(manifest), { spare })
    return { bytes: pages.length * PAGE_BYTES, fresh }
  }

  /** Holds one that an earlier life of this node has brought; one that is damaged or gone comes with the next. */
  async holdAgain (checkpoint: BlobId): Promise<void> {
    if (await this.#ports.blobs.has(checkpoint) === undefined) return
    const manifest = await this.#read(checkpoint).catch(ignoreFault)
    if (manifest !== undefined && manifest !== null) await this.shelf.hold(checkpoint, manifest.pages)
  }

  /** Holds a checkpoint on the shelf, with all that belongs to it here. Rejects as `open` does, with nothing held. */
  async bring (checkpoint: BlobId): Promise<void> {
    const { blobs } = this.#ports
    const { pages } = await this.#read(checkpoint).catch(async (error: unknown) => {
      await this.shelf.tidy(checkpoint)
      throw error
    })
    await this.shelf.hold(checkpoint, pages)
    try {
      // The manifest as well: what came before it was held may have been removed since.
      await mapConcurrently([checkpoint, ...new Set(pages)].filter(blob => blob !== ''), WIDTH, async blob => {
        await blobs.fetch(blob, { spare: true })
      })
    } catch (error) {
      await this.shelf.drop(checkpoint)
      throw error
    }
  }

  /** Rejects ENOENT, EIO, EINVAL (no checkpoint, or not as its node has signed it). */
  async open (checkpoint: BlobId): Promise<Manifest> {
    try {
      return await this.#read(checkpoint)
    } finally {
      await this.shelf.tidy(checkpoint)
    }
  }

  async #read (checkpoint: BlobId): Promise<Manifest> {
    const { blobs, keys } = this.#ports
    const { sizeBytes } = await blobs.fetch(checkpoint, { spare: true })
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
    const { carriers, clock, objects } = this.#ports
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
      const restored = await this.#with(checkpoint, manifest.pages, async read => {
        const ready = await restoreFrom(objects.driverOf(object), own, state, read)
        if (record.id === manifest.object) await unpack(carriers, record.id, belongings, read)
        return ready
      })
      await objects.arrive(object, reservation, async () => await restored.start())
    } finally {
      objects.release(reservation)
    }
  }

  /** Pages are here while they are read, and those that are here for nothing else no longer. */
  async #with<T> (
    checkpoint: BlobId, pages: ReadonlyArray<BlobId | ''>,
    work: (read: (page: BlobId) => Promise<Uint8Array>) => Promise<T>
  ): Promise<T> {
    const { blobs } = this.#ports
    await this.shelf.hold(checkpoint, pages)
    try {
      return await work(async page => {
        await blobs.fetch(page, { spare: true })
        return await collectBytes(blobs.read(page))
      })
    } finally {
      await this.shelf.drop(checkpoint)
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
