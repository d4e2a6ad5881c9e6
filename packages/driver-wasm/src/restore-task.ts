import { CloudError, PAGE_BYTES, type BlobId, type TaskState } from '@welkin/interface'
import { checkBody } from './state/body-schema.ts'
import { foreign, type Header } from './state/header.ts'
import type { Body } from './state/body.ts'
import { planPages, type PageLayout } from './state/plan-pages.ts'
import type { WasmTask } from './wasm-task.ts'

/** Pages that are read and handed over at a time, and how many times that may be under way. */
const GROUP_PAGES = 16
const GROUPS_MAX = 4

export type ReadPage = (page: BlobId) => Promise<Uint8Array>

/** Hands states to the worker of a task that is to go on from the last of them: each is what has changed. */
export class Restoring {
  readonly #task: WasmTask
  readonly #failed: Promise<never>
  #layout: PageLayout | undefined
  /** Pages of the last state that the worker was not given as such. */
  #bodyPages = new Map<BlobId, Uint8Array>()
  #taken = -1
  #changed: () => void = () => {}

  constructor (task: WasmTask) {
    this.#task = task
    this.#failed = task.started.then(() => { throw foreign('its program ended before it went on') })
    this.#failed.catch(() => {})
    task.watchRestore(pages => {
      this.#taken = pages
      this.#changed()
    })
  }

  /** Resolves when the worker has all of it. Rejects EINVAL, and as the task's start and `read` do. */
  async take (
    { bodyBytes, filePages, memoryPages }: Header, { pages: names }: TaskState, read: ReadPage
  ): Promise<void> {
    const layout = { names, memoryPages, filePages }
    const body = await this.#readBody(names.slice(memoryPages + filePages), bodyBytes, read)
    const plan = planPages(this.#layout, layout)
    this.#taken = -1
    this.#task.tell({ kind: 'state', state: { body, memoryPages, filePages, ...plan } })
    await this.#feed(plan.fresh, names, read)
    this.#layout = layout
  }

  async #feed (places: readonly number[], names: TaskState['pages'], read: ReadPage): Promise<void> {
    for (let from = 0; from < places.length; from += GROUP_PAGES) {
      const group = places.slice(from, from + GROUP_PAGES)
      const bytes = new Uint8Array(group.length * PAGE_BYTES)
      await this.#unlessFailed(Promise.all(group.map(async (place, nth) => {
        bytes.set(await readWhole(names[place] as BlobId, read), nth * PAGE_BYTES)
      })))
      this.#task.tell({ kind: 'pages', places: group, bytes }, [bytes.buffer])
      await this.#until(from - GROUPS_MAX * GROUP_PAGES)
    }
    await this.#until(places.length)
  }

  async #readBody (names: TaskState['pages'], sizeBytes: number, read: ReadPage): Promise<Body> {
    const bytes = new Uint8Array(names.length * PAGE_BYTES)
    const pages = new Map<BlobId, Uint8Array>()
    for (const [nth, name] of names.entries()) {
      if (name === '') continue
      const page = this.#bodyPages.get(name) ?? await readWhole(name, read)
      pages.set(name, page)
      bytes.set(page, nth * PAGE_BYTES)
    }
    this.#bodyPages = pages
    return checkBody(bytes.subarray(0, sizeBytes))
  }

  async #until (wanted: number): Promise<void> {
    while (this.#taken < wanted) {
      await this.#unlessFailed(new Promise<void>(resolve => { this.#changed = resolve }))
    }
  }

  async #unlessFailed<T> (work: Promise<T>): Promise<T> {
    return await Promise.race([this.#failed, work])
  }
}

async function readWhole (name: BlobId, read: ReadPage): Promise<Uint8Array> {
  const page = await read(name)
  if (page.byteLength === PAGE_BYTES) return page
  throw new CloudError('EINVAL', `A page of the state has ${page.byteLength} bytes and not ${PAGE_BYTES}.`)
}
