import type { BlobId } from '@welkin/interface'
import type { Guest } from '@welkin/suspend'
import { bytesOf, saveGuest, writeBody } from '../state/body.ts'
import { STATE_VERSION, writeHeader } from '../state/header.ts'
import { PAGE_BYTES } from '../state/page-bytes.ts'
import { Pages, tailsOf, wholeOf } from '../state/take-pages.ts'
import type { Outside } from '../wasi/outside.ts'
import type { ProgramState } from '../wasi/program-state.ts'
import { saveProgram } from '../wasi/save-program.ts'
import { CONTROL, WINDOW_PAGES } from './control.ts'
import { digestOf, isSame, isZero, sha256 } from './digest.ts'
import type { Captured, Copies, WorkerStart } from './protocol.ts'

const NOTHING = new Uint8Array(0)
/** So long a program is held up at a time while its pages are copied. */
const GATHER_MS = 4

/** Takes the states of one program, which is suspended meanwhile. */
export class Capture {
  readonly #start: WorkerStart
  /** The pages of memory that the last state had, by their place, in copies that are shared with the daemon. */
  readonly #copies = new Map<number, { name: BlobId, copy: Uint8Array }>()
  /** Before this place all pages have been gathered. */
  #gatheredTo = 0
  /** Names of the last state's pages. */
  #known = new Set<BlobId | ''>()
  #pages: Pages | undefined
  #window: Uint8Array | undefined

  constructor (start: WorkerStart) {
    this.#start = start
  }

  /**
   * Copies pages of the memory, for a few milliseconds; `isDone`: there are no more. The program may run on in between:
   * what it writes to is found out by `take`.
   */
  gather (memory: Uint8Array, afresh: boolean): { isDone: boolean, copies: Copies } {
    if (afresh) this.drop()
    const untilMs = performance.now() + GATHER_MS
    const count = memory.length / PAGE_BYTES
    const copies: Array<readonly [BlobId, Uint8Array]> = []
    for (; this.#gatheredTo < count && performance.now() < untilMs; this.#gatheredTo++) {
      const page = memory.subarray(this.#gatheredTo * PAGE_BYTES, (this.#gatheredTo + 1) * PAGE_BYTES)
      if (isZero(page)) continue
      const [name, copy] = [sha256(page), shared(page)]
      this.#copies.set(this.#gatheredTo, { name, copy })
      copies.push([name, copy])
    }
    return { isDone: this.#gatheredTo >= count, copies }
  }

  /** `stop`: the program stands still, so that pages need not be copied until they are asked for. Throws as `save`. */
  take (
    guest: Guest, state: ProgramState, clocks: Pick<Outside, 'monotonicNs' | 'cpuNs'>,
    { stop, full }: { stop: boolean, full: boolean }
  ): Captured {
    const { program, points } = this.#start
    const { saved, files, said } = saveProgram(state, clocks)
    const guestState = guest.save()
    const body = writeBody({
      program: saved, guest: saveGuest(guestState), tables: guestState.tables.length,
      parts: [
        bytesOf(guestState.frames), bytesOf(guestState.variables), state.input.peek(), state.reply ?? NOTHING, said,
        ...guestState.tables.map(bytesOf), ...tailsOf(files)
      ]
    })
    const memory = guest.memory === undefined ? NOTHING : new Uint8Array(guest.memory.buffer)
    const pages = new Pages(memory, files, body)
    if (full) this.drop()
    const names = pages.names(sha256, isZero, place => this.#knownName(pages, place))
    const header = writeHeader({
      version: STATE_VERSION, program, points: points as 'calls' | 'anywhere', memoryPages: pages.memoryPages,
      filePages: pages.filePages, bodyBytes: body.length, pages: digestOf(names)
    })
    const changed = stop ? [] : this.#copyChanged(pages, names)
    this.#pages = stop ? pages : undefined
    if (stop) this.#window ??= new Uint8Array(new SharedArrayBuffer(WINDOW_PAGES * PAGE_BYTES))
    return {
      header, pages: names, written: { ...state.written }, changed, window: stop ? this.#window : undefined
    }
  }

  /** Puts those pages into the window that the daemon waits for. */
  answer (control: Int32Array): void {
    const asked = Atomics.exchange(control, CONTROL.asked, 0)
    if (asked === 0) return
    const pages = this.#pages
    const window = this.#window
    if (pages !== undefined && window !== undefined) {
      for (let nth = 0; nth < WINDOW_PAGES && asked - 1 + nth < pages.count; nth++) {
        window.set(wholeOf(pages.at(asked - 1 + nth)), nth * PAGE_BYTES)
      }
    }
    Atomics.store(control, CONTROL.answered, pages === undefined ? -1 : asked)
    Atomics.notify(control, CONTROL.answered)
  }

  /** The program goes on. */
  release (): void {
    this.#pages = undefined
  }

  /** Nobody keeps the copies any longer. */
  drop (): void {
    this.#copies.clear()
    this.#known.clear()
    this.#gatheredTo = 0
  }

  /** To compare is several times faster than to hash. */
  #knownName (pages: Pages, place: number): BlobId | undefined {
    const known = this.#copies.get(place)
    return known !== undefined && isSame(pages.at(place), known.copy) ? known.name : undefined
  }

  #copyChanged (pages: Pages, names: ReadonlyArray<BlobId | ''>): Array<readonly [BlobId, Uint8Array]> {
    const changed = new Map<BlobId, Uint8Array>()
    for (const [place, name] of names.entries()) {
      if (this.#copies.get(place)?.name === name) continue
      this.#copies.delete(place)
      if (name === '') continue
      const isMemory = place < pages.memoryPages
      if (!isMemory && this.#known.has(name)) continue
      const copy = changed.get(name) ?? shared(wholeOf(pages.at(place)))
      changed.set(name, copy)
      if (isMemory) this.#copies.set(place, { name, copy })
    }
    this.#known = new Set(names)
    return [...changed]
  }
}

function shared (page: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new SharedArrayBuffer(page.length))
  copy.set(page)
  return copy
}
