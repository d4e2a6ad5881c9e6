import type { Outcome } from '@welkin/suspend'
import { Guest, SUSPEND } from '@welkin/suspend/guest'
import { PAGE_BYTES } from '../state/page-bytes.ts'
import type { CallContext } from '../wasi/context.ts'
import { GuestMemory } from '../wasi/guest-memory.ts'
import { createImports, createLateImports } from '../wasi/imports.ts'
import { ProgramEnd, type Outside } from '../wasi/outside.ts'
import { createProgramState, type ProgramState } from '../wasi/program-state.ts'
import { Capture } from './capture.ts'
import { CONTROL } from './control.ts'
import type { MachineOutside } from './machine-outside.ts'
import type { WorkerStart } from './protocol.ts'
import { Restoration } from './restoration.ts'
import { WorkDirectory } from './work-directory.ts'

/** Fuel at a time: a few milliseconds, which is how long a capture or a signal waits. */
const QUANTUM = 1_000_000
const ENTRY = '_start'
/** So long a program that has ended is kept until the others have heard what it said, and have ended as well. */
const HEARD_MS = 5000
const ENDED_MS = 1000

type Clocks = Pick<Outside, 'monotonicNs' | 'cpuNs'>

/** A program in its worker: its instance, what its calls keep, and its files. */
export class Program {
  readonly #start: WorkerStart
  readonly #outside: MachineOutside
  readonly #directory: WorkDirectory
  #state: ProgramState
  readonly #capture: Capture
  #memory: { readonly buffer: ArrayBuffer } = { buffer: new ArrayBuffer(0) }

  /** Throws the machine's own error where its files cannot be read. */
  constructor (start: WorkerStart, outside: MachineOutside) {
    this.#start = start
    this.#outside = outside
    this.#directory = new WorkDirectory(start.directory)
    this.#capture = new Capture(start)
    this.#state = this.#begin()
  }

  /** Runs to the end, which is thrown where it is not reached by returning. Throws RangeError for a forged state. */
  run (): void {
    try {
      if (this.#start.goesOn) this.#goOn()
      else this.#runFromTheStart()
    } finally {
      this.#noteMemory() // who is not asked for fuel has not said how it grew
    }
  }

  /** What was said in conversations still goes there, for a while. */
  closeConversations (): void {
    const { conversations } = this.#state
    conversations.closeAll()
    this.#outside.linger(() => !conversations.areHeldBack, HEARD_MS)
    this.#outside.linger(() => !conversations.areOpen, ENDED_MS)
  }

  /** Throws the machine's own error. */
  storeFiles (): void {
    this.#directory.store(this.#state.roots.work)
  }

  #begin (): ProgramState {
    const { args, environment, goesOn, hasInput, limits, object } = this.#start
    const state = createProgramState({ args, environment, object }, limits, this.#outside)
    if (!hasInput) state.input.end()
    if (!goesOn) this.#directory.load(state.tree, state.roots.work)
    return state
  }

  get #context (): CallContext {
    return { memory: new GuestMemory(() => this.#memory), state: this.#state, outside: this.#outside }
  }

  #runFromTheStart (): void {
    const imports = createImports(this.#context, SUSPEND)
    this.#outside.attach(this.#state, () => this.#capture.drop())
    if (this.#start.points === 'none') return this.#runAsItIs(imports)
    const guest = this.#makeGuest(imports)
    this.#tellStarted()
    this.#runSuspendable(guest, guest.start(), false)
  }

  #makeGuest (imports: WebAssembly.Imports): Guest {
    const guest: Guest = new Guest(this.#start.module, imports, { refuel: () => this.#refuel(guest) })
    if (guest.memory !== undefined) this.#memory = guest.memory
    return guest
  }

  #goOn (): void {
    const { imports, bind } = createLateImports()
    const guest = this.#makeGuest(imports)
    const { entry, state } = new Restoration(guest, this.#outside, this.#start).run()
    this.#state = state
    bind(this.#context, SUSPEND)
    this.#outside.attach(state, () => this.#capture.drop())
    if (state.signals !== undefined) this.#outside.handlesSignals()
    this.#tellStarted()
    state.conversations.goOn()
    this.#runSuspendable(guest, guest.resume(), entry === ENTRY)
  }

  #runAsItIs (imports: WebAssembly.Imports): void {
    const { exports } = new WebAssembly.Instance(this.#start.module, imports)
    if (exports['memory'] instanceof WebAssembly.Memory) this.#memory = exports['memory']
    this.#tellStarted()
    ;(exports[ENTRY] as () => void)()
  }

  #runSuspendable (guest: Guest, begun: Outcome, isInEntry: boolean): void {
    let outcome = begun
    let hasBegun = isInEntry
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
      if (wish.kind === 'gather') {
        const gathered = this.#capture.gather(new Uint8Array(this.#memory.buffer), wish.afresh)
        this.#outside.tell({ kind: 'gathered', ...gathered })
      }
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
}

function frozen (clocks: Clocks): Clocks {
  const monotonicNs = clocks.monotonicNs()
  const cpuNs = clocks.cpuNs()
  return { monotonicNs: () => monotonicNs, cpuNs: () => cpuNs }
}
