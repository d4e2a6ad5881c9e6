import type { Guest } from '@welkin/suspend/guest'
import { FIRST_TABLE, restoreGuest } from '../state/body.ts'
import { PAGE_BYTES } from '../state/page-bytes.ts'
import type { Content } from '../wasi/files/content.ts'
import type { ProgramState } from '../wasi/program-state.ts'
import { offsetsNow, restoreProgram } from '../wasi/restore-program.ts'
import { isZero } from './digest.ts'
import type { MachineOutside } from './machine-outside.ts'
import type { RestoredState, WorkerStart } from './protocol.ts'

interface Restored { state: ProgramState, saved: RestoredState['body']['program'], entry: string }

/** Makes a guest into one that was suspended elsewhere, state by state, until it is to go on from the last of them. */
export class Restoration {
  readonly #guest: Guest
  readonly #outside: MachineOutside
  readonly #start: Pick<WorkerStart, 'object' | 'limits'>
  #last: Restored | undefined
  #memoryPages = 0
  /** Where pages of files stand, in order. */
  #filePages: Array<{ content: Content, number: number }> = []

  constructor (guest: Guest, outside: MachineOutside, start: Pick<WorkerStart, 'object' | 'limits'>) {
    this.#guest = guest
    this.#outside = outside
    this.#start = start
  }

  /** Blocks until then; gives what the program keeps, and the function that it is in. Throws RangeError, CloudError. */
  run (): Omit<Restored, 'saved'> {
    let taken = 0
    for (;;) {
      const wish = this.#outside.nextWish()
      if (wish.kind === 'go') return this.#goOn()
      if (wish.kind === 'state') {
        taken = 0
        this.#takeState(wish.state)
      } else if (wish.kind === 'pages') {
        taken += wish.places.length
        for (const [nth, place] of wish.places.entries()) {
          this.#put(place, wish.bytes.subarray(nth * PAGE_BYTES, (nth + 1) * PAGE_BYTES))
        }
      } else continue
      this.#outside.tell({ kind: 'restored', pages: taken })
    }
  }

  #goOn (): Omit<Restored, 'saved'> {
    if (this.#last === undefined) throw new RangeError('there is no state')
    const { entry, saved, state } = this.#last
    // What has passed since it was suspended does not count.
    return { entry, state: Object.assign(state, offsetsNow(saved, this.#outside)) }
  }

  #takeState ({ body, filePages, kept, memoryPages, zeros }: RestoredState): void {
    const before = kept.map(([, place]) => this.#page(place))
    this.#guest.restore(restoreGuest(body.guest, body.parts, body.tables))
    if (this.#memory.byteLength !== memoryPages * PAGE_BYTES) throw new RangeError('its memory has another size')
    this.#memoryPages = memoryPages
    this.#restoreProgram(body)
    if (this.#filePages.length !== filePages) throw new RangeError('its files have other sizes')
    for (const [nth, [place]] of kept.entries()) this.#adopt(place, before[nth] as Uint8Array)
    for (const place of zeros) {
      const there = this.#memoryPage(place)
      if (!isZero(there)) there.fill(0)
    }
  }

  #restoreProgram ({ guest: { entry }, parts, program: saved, tables }: RestoredState['body']): void {
    const [, , input, reply, said] = parts as [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array]
    const { object, limits } = this.#start
    const { state, files } = restoreProgram(saved, { object, limits, input, reply, said, outside: this.#outside })
    const tails = parts.slice(FIRST_TABLE + tables)
    if (tails.length !== files.length) throw new RangeError('its files are others')
    for (const [nth, { content }] of files.entries()) {
      const tail = tails[nth] as Uint8Array
      if (tail.length !== content.sizeBytes % PAGE_BYTES) throw new RangeError('its files have other sizes')
      content.write(content.sizeBytes - tail.length, tail)
    }
    this.#filePages = files.flatMap(({ content }) => {
      return Array.from({ length: content.wholePages }, (_none, number) => ({ content, number }))
    })
    this.#last = { state, saved, entry }
  }

  /** What stands there now, and does not change with the next state. */
  #page (place: number): Uint8Array {
    const file = this.#filePages[place - this.#memoryPages]
    return file?.content.page(file.number) ?? this.#memoryPage(place).slice()
  }

  #adopt (place: number, page: Uint8Array): void {
    const file = this.#filePages[place - this.#memoryPages]
    if (file === undefined) this.#memoryPage(place).set(page)
    else file.content.adopt(file.number, page)
  }

  #put (place: number, page: Uint8Array): void {
    const file = this.#filePages[place - this.#memoryPages]
    if (file === undefined) this.#memoryPage(place).set(page)
    else file.content.write(file.number * PAGE_BYTES, page)
  }

  #memoryPage (place: number): Uint8Array {
    return new Uint8Array(this.#memory, place * PAGE_BYTES, PAGE_BYTES)
  }

  get #memory (): ArrayBuffer {
    return this.#guest.memory?.buffer as ArrayBuffer | undefined ?? new ArrayBuffer(0)
  }
}
