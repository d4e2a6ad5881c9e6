import {
  ignoreFault, PAGE_BYTES, type BlobId, type NodeId, type ObjectId, type TaskCapture
} from '@welkin/interface'
import type { EarlierPiece } from '../../residents.ts'
import type { Belongings } from './belongings.ts'
import type { Manner } from './manner.ts'
import type { MigrationPorts } from './ports.ts'

type State = Omit<TaskCapture, 'read'> & Partial<Pick<TaskCapture, 'read'>>

/** What goes from a source to the target of one move, page by page. */
export class Sending {
  readonly #ports: Pick<MigrationPorts, 'calls'>
  readonly #target: NodeId
  readonly #about: { move: string, object: ObjectId }
  readonly #patienceMs: number
  #bytes = 0

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
  async lacks ({ pages }: State, signal?: AbortSignal): Promise<BlobId[]> {
    const different = [...new Set(pages)].filter(page => page !== '')
    if (different.length === 0) return []
    const request = { ...this.#about, pages: different }
    const { lacks } = await this.#there.lacks(request, { timeoutMs: this.#patienceMs, signal })
    return lacks.flatMap(at => different[at] ?? [])
  }

  async send ({ read }: State, pages: readonly BlobId[], signal?: AbortSignal): Promise<number> {
    if (pages.length === 0 || read === undefined) return 0
    const input = (async function * () { for (const page of pages) yield read(page) })()
    await this.#there.pages(this.#about, { input, signal })
    const bytes = pages.length * PAGE_BYTES
    this.#bytes += bytes
    return bytes
  }

  async state (
    { header, pages, output }: State, manner: Manner, earlier: readonly EarlierPiece[],
    belongings: readonly Belongings[]
  ): Promise<void> {
    const state = {
      header, pages: [...pages], output: { ...output }, earlier: [...earlier], manner, belongings: [...belongings]
    }
    await this.#there.state({ ...this.#about, ...state }, { timeoutMs: 6 * this.#patienceMs })
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
