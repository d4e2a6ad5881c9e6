import { PAGE_BYTES, type BlobId } from '@welkin/interface'
import type { Guest } from '@welkin/suspend'
import { bytesOf, saveGuest, writeBody } from '../state/body.ts'
import { STATE_VERSION, writeHeader } from '../state/header.ts'
import { Pages, tailsOf, wholeOf } from '../state/take-pages.ts'
import type { Outside } from '../wasi/outside.ts'
import type { ProgramState } from '../wasi/program-state.ts'
import { saveProgram } from '../wasi/save-program.ts'
import { CONTROL, WINDOW_PAGES } from './control.ts'
import { digestOf, isZero, sha256 } from './digest.ts'
import type { Captured, WorkerStart } from './protocol.ts'

const NOTHING = new Uint8Array(0)

/** Takes the states of one program, which is suspended meanwhile. */
export class Capture {
  readonly #start: WorkerStart
  /** Names of the last state's pages. */
  #known = new Set<BlobId | ''>()
  #pages: Pages | undefined
  #window: Uint8Array | undefined

  constructor (start: WorkerStart) {
    this.#start = start
  }

  /** `stop`: the program stands still, so that pages need not be copied until they are asked for. Throws as `save`. */
  take (
    guest: Guest, state: ProgramState, clocks: Pick<Outside, 'monotonicNs' | 'cpuNs'>,
    { stop, full }: { stop: boolean, full: boolean }
  ): Captured {
    const { program, points } = this.#start
    const { saved, files } = saveProgram(state, clocks)
    const guestState = guest.save()
    const body = writeBody({
      program: saved, guest: saveGuest(guestState), tables: guestState.tables.length,
      parts: [
        bytesOf(guestState.frames), bytesOf(guestState.variables), state.input.peek(), state.reply ?? NOTHING,
        ...guestState.tables.map(bytesOf), ...tailsOf(files)
      ]
    })
    const memory = guest.memory === undefined ? NOTHING : new Uint8Array(guest.memory.buffer)
    const pages = new Pages(memory, files, body)
    const names = pages.names(sha256, isZero)
    const header = writeHeader({
      version: STATE_VERSION, program, points: points as 'calls' | 'anywhere', memoryPages: pages.memoryPages,
      filePages: pages.filePages, bodyBytes: body.length, pages: digestOf(names)
    })
    const changed = stop ? [] : copyChanged(pages, names, full ? new Set() : this.#known)
    this.#known = new Set(names)
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
}

function copyChanged (
  pages: Pages, names: ReadonlyArray<BlobId | ''>, known: ReadonlySet<BlobId | ''>
): Array<readonly [BlobId, Uint8Array]> {
  const changed = new Map<BlobId, Uint8Array>()
  for (const [place, name] of names.entries()) {
    if (name !== '' && !known.has(name) && !changed.has(name)) changed.set(name, wholeOf(pages.at(place)).slice())
  }
  return [...changed]
}
