import {
  ignoreFault, PAGE_BYTES, type BlobId, type NodeId, type ObjectId, type OutputChunk, type TaskCapture
} from '@welkin/interface'
import type { EarlierPiece } from '../../residents.ts'
import type { Packed } from './belongings.ts'
import type { Manner } from './manner.ts'
import type { MigrationPorts } from './ports.ts'

type State = Omit<TaskCapture, 'read'> & Partial<Pick<TaskCapture, 'read'>>
/** What an object wrote: as blobs, and as it is. */
export interface Written { earlier: EarlierPiece[], tail: OutputChunk[] }
interface CallOptions { timeoutMs?: number, signal?: AbortSignal }

/** What goes from a source to the target of one move, page by page. */
export class Sending {
  readonly #ports: Pick<MigrationPorts, 'calls'>
  readonly #target: NodeId
  readonly #about: { move: string, object: ObjectId }
  readonly #patienceMs: number
  #bytes = 0
  /** Of the state that was sent last, by their places. */
  #pages: State['pages'] = []
  #known: ReadonlySet<BlobId | ''> = new Set()

  constructor (
    ports: Pick<MigrationPorts, 'calls'>, target: NodeId, about: { move: string, object: ObjectId }, patienceMs: number
  ) {
    this.#ports = ports
    this.#target = target
    this.#about = about
    this.#patienceMs = patienceMs
  }

  /** Sent so far. */
  get bytes (): number {
    return this.#bytes
  }

  /** The pages that the target has not got, each once. */
  lacks ({ pages }: Pick<State, 'pages'>): BlobId[] {
    return [...new Set(pages)].filter(page => page !== '' && !this.#known.has(page))
  }

  /** Has the target be ready to go on from this state; gives the bytes of its pages. Rejects as the target does. */
  async send (
    { header, output, pages, read }: State,
    { contents = new Map(), ...how }: { manner: Manner, runsOn: boolean } & Written & Partial<Packed>,
    options: CallOptions = {}
  ): Promise<number> {
    const lacks = this.lacks({ pages })
    const hanging = [...contents.keys()].filter(page => !lacks.includes(page))
    const input = (async function * () {
      if (read !== undefined) for (const page of lacks) yield read(page)
      for (const page of hanging) yield contents.get(page) as Uint8Array
    })()
    const places = [...pages.keys()].filter(place => pages[place] !== this.#pages[place])
    await this.#there.ready({
      ...this.#about, ...how, header, output: { ...output }, count: pages.length, places,
      pages: places.map(place => pages[place] as BlobId)
    }, { ...options, input })
    this.#pages = pages
    this.#known = new Set(pages)
    const bytes = (lacks.length + hanging.length) * PAGE_BYTES
    this.#bytes += bytes
    return bytes
  }

  async take (timeoutMs: number): Promise<boolean> {
    return (await this.#there.take(this.#about, { timeoutMs })).taken
  }

  /** What has come of it there is of no use any more; or, `settled`, it is there and was forgotten here. */
  async drop (settled = false): Promise<void> {
    await this.#there.drop({ ...this.#about, settled }, { timeoutMs: this.#patienceMs }).catch(ignoreFault)
  }

  get #there () {
    return this.#ports.calls.at(this.#target).move
  }
}
