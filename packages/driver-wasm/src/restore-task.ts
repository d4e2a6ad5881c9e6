import { CloudError, PAGE_BYTES, type BlobId, type TaskState } from '@welkin/interface'
import { checkBody } from './state/body-schema.ts'
import { foreign, type Header } from './state/header.ts'
import type { Body } from './state/body.ts'
import type { WasmTask } from './wasm-task.ts'

/** Pages that are read and handed over at a time, and how many times that may be under way. */
const GROUP_PAGES = 16
const GROUPS_MAX = 4

export type ReadPage = (page: BlobId) => Promise<Uint8Array>

/** The part of a state that tells how to make a program of the rest. Rejects EINVAL, and as `read` does. */
export async function readBodyPages ({ bodyBytes }: Header, { pages }: TaskState, read: ReadPage): Promise<Body> {
  const names = pages.slice(pages.length - Math.ceil(bodyBytes / PAGE_BYTES))
  const bytes = new Uint8Array(names.length * PAGE_BYTES)
  for (const [nth, name] of names.entries()) {
    if (name !== '') bytes.set(await readWhole(name, read), nth * PAGE_BYTES)
  }
  return checkBody(bytes.subarray(0, bodyBytes))
}

/** Hands the memory and the files of a state to a worker. Rejects as the task's start and `read` do. */
export async function feedPages (
  task: WasmTask, { memoryPages, filePages }: Header, { pages }: TaskState, read: ReadPage
): Promise<void> {
  const count = memoryPages + filePages
  let taken = -1
  let changed = (): void => {}
  task.watchRestore(pagesTaken => {
    taken = pagesTaken
    changed()
  })
  const failed = task.started.then(() => { throw foreign('its program ended before it went on') })
  failed.catch(() => {})
  const until = async (wanted: number): Promise<void> => {
    if (taken >= wanted) return
    await Promise.race([failed, new Promise<void>(resolve => { changed = resolve })])
    await until(wanted)
  }
  await until(0)
  for (let from = 0; from < count; from += GROUP_PAGES) {
    const names = pages.slice(from, Math.min(count, from + GROUP_PAGES))
    const bytes = new Uint8Array(names.some(name => name !== '') ? names.length * PAGE_BYTES : 0)
    await Promise.race([failed, Promise.all(names.map(async (name, nth) => {
      if (name !== '') bytes.set(await readWhole(name, read), nth * PAGE_BYTES)
    }))])
    task.feed(from, names.map(name => name !== ''), bytes)
    await until(from - GROUPS_MAX * GROUP_PAGES)
  }
  await until(count)
}

async function readWhole (name: BlobId, read: ReadPage): Promise<Uint8Array> {
  const page = await read(name)
  if (page.byteLength === PAGE_BYTES) return page
  throw new CloudError('EINVAL', `A page of the state has ${page.byteLength} bytes and not ${PAGE_BYTES}.`)
}
