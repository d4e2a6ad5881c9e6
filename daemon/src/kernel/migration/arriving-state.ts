import { Gate } from '@welkin/async'
import {
  CloudError, ignoreFault, PAGE_BYTES, toHex, type BlobId, type OutputPosition, type RestoredTask, type Task
} from '@welkin/interface'
import type { ArgsOf } from '@welkin/syscalls'
import type { ObjectRecord, Resident } from '../../residents.ts'
import { unpack } from './belongings.ts'
import type { MigrationPorts } from './ports.ts'
import { restoreFrom } from './restoring.ts'

/** Of a task that asks for no limit of memory. */
const STATE_BYTES_MAX = 4 * 2 ** 30
/** Of what hangs on an object: its mail at the most, which is 1 GiB, and what that is packed in. */
const BELONGINGS_BYTES_MAX = 2 * 2 ** 30

type Change = Omit<ArgsOf<'move.ready'>, 'move' | 'object' | 'runsOn'>
export type WholeState = Omit<Change, 'count' | 'places'>

/** The state of an object that comes, and the task that is made ready to go on from it while it still comes. */
export class ArrivingState {
  readonly #ports: Pick<MigrationPorts, 'blobs' | 'carriers' | 'keys' | 'objects'>
  readonly #record: ObjectRecord
  /** Pages that have come, and are nowhere else yet. */
  #pages = new Map<BlobId, Uint8Array>()
  /** Of the last list. */
  #awaited: readonly BlobId[] = []
  /** Of the state that is ready. */
  #names: ReadonlyArray<BlobId | ''> = []
  #object: Resident | undefined
  #restored: RestoredTask | undefined
  /** What it wrote before is on its way to here. */
  #kept: Promise<void> = Promise.resolve()
  /** Blobs of that which are here. */
  readonly #brought = new Set<BlobId>()
  #isOver = false
  /** One state at a time is made ready. */
  readonly #gate = new Gate(1)

  constructor (ports: Pick<MigrationPorts, 'blobs' | 'carriers' | 'keys' | 'objects'>, record: ObjectRecord) {
    this.#ports = ports
    this.#record = record
  }

  /** Which of these pages are not here, by their places; those that are not among them are forgotten. Throws ENOSPC. */
  lacks (pages: readonly BlobId[]): number[] {
    this.#checkSize(pages.length)
    this.#forgetPages(new Set(pages))
    this.#awaited = pages.filter(page => !this.#pages.has(page))
    return pages.flatMap((page, at) => this.#pages.has(page) ? [] : at)
  }

  /** Takes pages that were lacking, or are told with their state; how many there are. Rejects EINVAL for any other. */
  async takePages (
    input: AsyncIterable<Uint8Array>, told?: Pick<Change, 'pages' | 'belongings'>
  ): Promise<number> {
    const { pages = this.#awaited, belongings = [] } = told ?? {}
    const awaited = new Set<BlobId | ''>([...pages, ...belongings.flatMap(({ pages: hanging }) => hanging)])
    for await (const bytes of input) {
      const page = toHex(this.#ports.keys.digest().update(bytes).done())
      if (!awaited.delete(page)) throw this.#forged()
      this.#pages.set(page, bytes.slice())
    }
    return this.#pages.size
  }

  /** A state of which only what has changed since the last one is told. Throws EINVAL, ENOSPC. */
  wholeOf ({ count, pages, places, ...rest }: Change): WholeState {
    this.#checkSize(count, rest.belongings)
    const changed = new Map(places.map((place, nth) => [place, pages[nth]]))
    const names = Array.from({ length: count }, (_none, place) => changed.get(place) ?? this.#names[place])
    if (names.includes(undefined)) throw this.#forged()
    return { ...rest, pages: names as Array<BlobId | ''> }
  }

  /**
   * Makes it ready to go on from that state. Rejects as the driver does, ENOENT (a page is missing), with the state
   * before of no use any more either.
   */
  async makeReady (state: WholeState, isWanted: () => void): Promise<void> {
    await this.#gate.run(async () => {
      isWanted()
      const before = this.#kept.catch(ignoreFault)
      this.#kept = before.then(async () => { await this.#keepOutput(state) })
      this.#kept.catch(ignoreFault)
      await this.#restore(state)
    })
  }

  /** What is to be begun. */
  get object (): Resident {
    return this.#object ??= this.#ports.objects.newcomer(this.#record)
  }

  /** What it wrote before is here: durable, but for its end. Rejects ENOENT, EIO, ENOSPC. */
  async outputKept (): Promise<void> {
    await this.#kept
  }

  /** Rejects as the driver does. */
  async start (): Promise<Task> {
    return await (this.#restored as RestoredTask).start()
  }

  /** It does not go on here. */
  discard (): void {
    this.#isOver = true
    this.#restored?.discard().catch(ignoreFault)
    this.#restored = undefined
    this.#pages.clear()
  }

  async #keepOutput ({ earlier, manner, tail, ...state }: WholeState): Promise<void> {
    if (manner === 'restart') this.#record.outputBase = outputOf(state)
    for (const { blob } of earlier) {
      if (!this.#brought.has(blob)) await this.#ports.blobs.fetch(blob)
      this.#brought.add(blob)
    }
    Object.assign(this.#record, { earlier, tail })
  }

  async #restore (whole: WholeState): Promise<void> {
    const { carriers, objects } = this.#ports
    const state = { ...whole, output: outputOf(whole) }
    const before = this.#restored
    this.#restored = undefined
    this.#names = []
    const read = async (page: BlobId): Promise<Uint8Array> => {
      const content = this.#pages.get(page)
      if (content === undefined) throw new CloudError('ENOENT', `Page ${page} of this state did not come.`)
      return content
    }
    let restored = before
    if (restored?.renew !== undefined) await restored.renew(state, read)
    else {
      await restored?.discard()
      const spec = await this.object.taskSpec({ signal: new AbortController().signal })
      restored = await restoreFrom(objects.driverOf(this.object), spec, state, read)
    }
    try {
      await unpack(carriers, this.#record.id, whole.belongings ?? [], read)
    } catch (error) {
      await restored.discard()
      throw error
    }
    this.#restored = restored
    this.#names = state.pages
    this.#forgetPages(new Set(restored.renew === undefined ? state.pages : []))
    if (this.#isOver) this.discard()
  }

  #forgetPages (but: ReadonlySet<BlobId | ''>): void {
    for (const page of this.#pages.keys()) if (!but.has(page)) this.#pages.delete(page)
  }

  #checkSize (pages: number, belongings: WholeState['belongings'] = []): void {
    const { id, spec: { limits: { memoryBytes = STATE_BYTES_MAX } } } = this.#record
    const hanging = belongings.reduce((sum, each) => sum + each.pages.length, 0)
    if (pages * PAGE_BYTES <= 2 * memoryBytes && hanging * PAGE_BYTES <= BELONGINGS_BYTES_MAX) return
    const message = `The state of object ${id}, or its mail, is larger than it may be; it stays where it is.`
    throw new CloudError('ENOSPC', message, { fields: { object: id } })
  }

  #forged (): CloudError {
    const { id } = this.#record
    const message = `What came is no page or no whole state of object ${id}, or was here already.`
    return new CloudError('EINVAL', message, { fields: { object: id } })
  }
}

function outputOf ({ output: { stdout = 0, stderr = 0 } }: Pick<WholeState, 'output'>): OutputPosition {
  return { stdout, stderr }
}
