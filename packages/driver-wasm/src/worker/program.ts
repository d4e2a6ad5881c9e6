import type { Outcome } from '@welkin/suspend'
import { Guest, SUSPEND } from '@welkin/suspend/guest'
import { restoreGuest } from '../state/body.ts'
import { PAGE_BYTES } from '../state/page-bytes.ts'
import type { CallContext } from '../wasi/context.ts'
import type { FileNode } from '../wasi/files/nodes.ts'
import { GuestMemory } from '../wasi/guest-memory.ts'
import { createImports } from '../wasi/imports.ts'
import { ProgramEnd, type Outside } from '../wasi/outside.ts'
import { createProgramState, type ProgramState } from '../wasi/program-state.ts'
import { restoreProgram } from '../wasi/restore-program.ts'
import { Capture } from './capture.ts'
import { CONTROL } from './control.ts'
import { isZero } from './digest.ts'
import type { MachineOutside } from './machine-outside.ts'
import type { RestoredStart, WorkerStart } from './protocol.ts'
import { WorkDirectory } from './work-directory.ts'

/** Fuel at a time: a few milliseconds, which is how long a capture or a signal waits. */
const QUANTUM = 1_000_000
const ENTRY = '_start'

type Clocks = Pick<Outside, 'monotonicNs' | 'cpuNs'>
interface Made { state: ProgramState, files: readonly FileNode[] }

/** A program in its worker: its instance, what its calls keep, and its files. */
export class Program {
  readonly #start: WorkerStart
  readonly #outside: MachineOutside
  readonly #directory: WorkDirectory
  readonly #state: ProgramState
  /** Files that were restored, in the order in which their pages come. */
  readonly #files: readonly FileNode[]
  readonly #capture: Capture
  #memory: { readonly buffer: ArrayBuffer } = { buffer: new ArrayBuffer(0) }

  /** Throws the machine's own error where its files cannot be read, RangeError for a state that is none. */
  constructor (start: WorkerStart, outside: MachineOutside) {
    this.#start = start
    this.#outside = outside
    this.#directory = new WorkDirectory(start.directory)
    const { state, files } = start.restored === undefined ? this.#begin() : this.#goOn(start.restored)
    this.#state = state
    this.#files = files
    this.#capture = new Capture(start)
    outside.attach(state, () => this.#capture.drop())
  }

  /** Runs to the end, which is thrown where it is not reached by returning. */
  run (): void {
    const context: CallContext = {
      memory: new GuestMemory(() => this.#memory), state: this.#state, outside: this.#outside
    }
    const imports = createImports(context, SUSPEND)
    try {
      if (this.#start.points === 'none') this.#runAsItIs(imports)
      else {
        const guest: Guest = new Guest(this.#start.module, imports, { refuel: () => this.#refuel(guest) })
        this.#runSuspendable(guest)
      }
    } finally {
      this.#noteMemory() // who is not asked for fuel has not said how it grew
    }
  }

  /** Throws the machine's own error. */
  storeFiles (): void {
    this.#directory.store(this.#state.roots.work)
  }

  #begin (): Made {
    const { args, environment, hasInput, limits } = this.#start
    const state = createProgramState({ args, environment }, limits, () => this.#outside.wallNs())
    if (!hasInput) state.input.end()
    this.#directory.load(state.tree, state.roots.work)
    return { state, files: [] }
  }

  #goOn ({ body }: RestoredStart): Made {
    const [, , input, reply] = body.parts as [Uint8Array, Uint8Array, Uint8Array, Uint8Array]
    const { limits } = this.#start
    const made = restoreProgram(body.program, { limits, input, reply, clocks: this.#outside })
    if (made.state.signals !== undefined) this.#outside.handlesSignals()
    return made
  }

  #runAsItIs (imports: WebAssembly.Imports): void {
    const { exports } = new WebAssembly.Instance(this.#start.module, imports)
    if (exports['memory'] instanceof WebAssembly.Memory) this.#memory = exports['memory']
    this.#tellStarted()
    ;(exports[ENTRY] as () => void)()
  }

  #runSuspendable (guest: Guest): void {
    if (guest.memory !== undefined) this.#memory = guest.memory
    if (this.#start.restored !== undefined) this.#restore(guest, this.#start.restored)
    this.#tellStarted()
    let outcome: Outcome = this.#start.restored === undefined ? guest.start() : guest.resume()
    let hasBegun = this.#start.restored?.body.guest.entry === ENTRY
    for (;;) {
      if (outcome.kind === 'suspended') {
        this.#serve(guest)
        outcome = guest.resume()
      } else if (hasBegun) return
      else {
        hasBegun = true
        outcome = guest.call(ENTRY)
      }
    }
  }

  #tellStarted (): void {
    this.#noteMemory()
    this.#outside.tell({ kind: 'started', threadId: this.#outside.threadId })
  }

  #noteMemory (): void {
    Atomics.store(this.#start.control, CONTROL.memoryPages, this.#memory.buffer.byteLength / PAGE_BYTES)
  }

  #refuel ({ fuelUsed }: Guest): number | typeof SUSPEND {
    const { fuel = Infinity } = this.#start.limits
    this.#noteMemory()
    this.#outside.flush()
    if (fuelUsed >= fuel) throw new ProgramEnd({ signal: 'SIGXCPU' })
    return this.#outside.wantsSuspension() ? SUSPEND : Math.min(QUANTUM, fuel - fuelUsed)
  }

  /** Does what is wanted of the program while it is suspended. */
  #serve (guest: Guest): void {
    let isStanding = false
    // While it stands still, its clocks do too.
    const clocks = frozen(this.#outside)
    do {
      const wish = this.#outside.nextWish(() => this.#capture.answer(this.#start.control))
      if (wish.kind === 'resume') break
      if (wish.kind !== 'capture') continue
      isStanding ||= wish.stop
      this.#outside.flush()
      this.#noteMemory()
      this.#take(guest, clocks, { stop: isStanding, full: wish.full })
    } while (isStanding)
    this.#capture.release()
  }

  #take (guest: Guest, clocks: Clocks, options: { stop: boolean, full: boolean }): void {
    try {
      const captured = this.#capture.take(guest, this.#state, clocks, options)
      this.#outside.tell({ kind: 'captured', ...captured })
    } catch (error) {
      if (error instanceof ProgramEnd) throw error
      this.#outside.tell({ kind: 'not-captured', reason: error instanceof Error ? error.message : String(error) })
    }
  }

  #restore (guest: Guest, { body, filePages, memoryPages }: RestoredStart): void {
    guest.restore(restoreGuest(body.guest, body.parts, body.tables))
    if (this.#memory.buffer.byteLength !== memoryPages * PAGE_BYTES) throw new RangeError('its memory has another size')
    const places = this.#files.flatMap(({ content }) => {
      return Array.from({ length: content.wholePages }, (_none, number) => ({ content, at: number * PAGE_BYTES }))
    })
    if (places.length !== filePages) throw new RangeError('its files have other sizes')
    const tails = body.parts.slice(4 + body.tables)
    if (tails.length !== this.#files.length) throw new RangeError('its files are others')
    for (const [nth, { content }] of this.#files.entries()) {
      const tail = tails[nth] as Uint8Array
      if (tail.length !== content.sizeBytes % PAGE_BYTES) throw new RangeError('its files have other sizes')
      content.write(content.sizeBytes - tail.length, tail)
    }
    this.#fill(memoryPages, places.length, (place, page) => {
      const file = places[place - memoryPages]
      if (file !== undefined) {
        if (page !== undefined) file.content.write(file.at, page)
        return
      }
      const there = new Uint8Array(this.#memory.buffer, place * PAGE_BYTES, PAGE_BYTES)
      if (page !== undefined) there.set(page)
      else if (!isZero(there)) there.fill(0)
    })
  }

  /** Puts what comes into its place, until the program is to go on. */
  #fill (memoryPages: number, filePages: number, put: (place: number, page: Uint8Array | undefined) => void): void {
    this.#outside.tell({ kind: 'restored', pages: 0 })
    let count = 0
    for (;;) {
      const wish = this.#outside.nextWish()
      if (wish.kind === 'go') return
      if (wish.kind !== 'pages') continue
      const { bytes, from, isThere } = wish
      if (from + isThere.length > memoryPages + filePages) throw new RangeError('it has too many pages')
      for (const [nth, is] of isThere.entries()) {
        put(from + nth, is ? bytes.subarray(nth * PAGE_BYTES, (nth + 1) * PAGE_BYTES) : undefined)
      }
      count += isThere.length
      this.#outside.tell({ kind: 'restored', pages: count })
    }
  }
}

function frozen (clocks: Clocks): Clocks {
  const monotonicNs = clocks.monotonicNs()
  const cpuNs = clocks.cpuNs()
  return { monotonicNs: () => monotonicNs, cpuNs: () => cpuNs }
}
