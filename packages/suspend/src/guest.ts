import { CloudError } from '@welkin/interface/errors'
import { describe, type Description, type Signature } from './description.ts'
import { PAGE_BYTES, type Value } from './engine.ts'
import { NAMESPACE } from './layout.ts'
import { damaged, packFrames, unpackFrames, type Frame, type GuestState, type PendingCall } from './state.ts'
import { nothingOf, popValues, pushValues } from './words.ts'

/** What a suspending import returns, instead of results, to ask for suspension: then it has done nothing yet. */
export const SUSPEND = Symbol('suspend')

export interface GuestOptions {
  /** Asked when the fuel is used up: how much there is now, or to suspend. Left out: as much as it wants. */
  readonly refuel?: () => number | typeof SUSPEND
}

/** How far a guest has come; `pending`: it waits for what this call gives. */
export type Outcome =
  | { readonly kind: 'finished', readonly results: readonly Value[] }
  | { readonly kind: 'suspended', readonly pending: PendingCall | undefined }

const PLENTY = 2 ** 30
/** For a guest that cannot be suspended just now. */
const A_LITTLE = 100_000

type Import = (...args: Value[]) => unknown

/**
 * One instance of a module that was made suspendable. It is idle, runs, or is suspended; while it is suspended it can
 * be saved and, in a new guest of the same module, restored. A trap, and whatever an import throws, is thrown on: the
 * guest is idle again then.
 */
export class Guest {
  /** The instance's memory, if it has one. A state does not contain it. */
  readonly memory: WebAssembly.Memory | undefined
  readonly exports: Readonly<Record<string, unknown>>
  readonly #description: Description
  readonly #options: GuestOptions
  readonly #suspending = new Map<string, { signature: Signature, implementation: Import }>()
  readonly #state: WebAssembly.Global
  readonly #fuel: WebAssembly.Global
  /** Calls into the instance that are under way: with more than one, the host's own frames are between them. */
  #depth = 0
  #entry: string | undefined
  #pending: PendingCall | undefined
  #frames: Frame[] = []
  /** What the instance pushes and pops; frames that it has pushed, innermost first. */
  #words: number[] = []
  #fresh: Frame[] = []
  #granted = 0

  /** Throws ENOEXEC for a module that was not made suspendable, and whatever the engine throws for wrong imports. */
  constructor (module: WebAssembly.Module, imports: WebAssembly.Imports, options: GuestOptions = {}) {
    const description = describe(module)
    if (description === undefined) {
      throw new CloudError('ENOEXEC', 'The module was not made suspendable; give it to makeSuspendable first.')
    }
    this.#description = description
    this.#options = options
    const { exports } = new WebAssembly.Instance(module, this.#wrap(imports))
    this.exports = exports
    this.memory = this.#own('memory')
    this.#state = this.#own('state')
    this.#fuel = this.#own('fuel')
  }

  /**
   * How much it has done: the same on every machine, however often it is suspended. Rounds of loops and calls count by
   * their size, about one for an instruction; calls that end soon and loops of few rounds count nothing.
   */
  get fuelUsed (): number {
    return this.#granted - (this.#fuel.value as number)
  }

  get isSuspended (): boolean {
    return this.#entry !== undefined && this.#depth === 0
  }

  /** Runs what the module wants run before all else. A guest that is restored has done so. */
  start (): Outcome {
    return this.#description.hasStart ? this.#call(`${NAMESPACE}.start`, []) : { kind: 'finished', results: [] }
  }

  /**
   * Calls an exported function. An import may do so too, and the guest cannot be suspended meanwhile. Throws EBUSY
   * while it is suspended, ENOENT for what is no exported function.
   */
  call (name: string, args: readonly Value[] = []): Outcome {
    if (!Object.hasOwn(this.#description.exports, name)) {
      throw new CloudError('ENOENT', `The module exports no function ${name}.`)
    }
    return this.#call(name, args)
  }

  /**
   * Goes on where it was suspended: with these results of the call that is pending, or, if none are given, with those
   * of the import, which is called again. Throws ESRCH when it is not suspended.
   */
  resume (results?: readonly Value[]): Outcome {
    if (!this.isSuspended) throw new CloudError('ESRCH', 'The guest is not suspended; there is nothing to resume.')
    const given = this.#resultsOfPending(results)
    if (given === SUSPEND) return { kind: 'suspended', pending: this.#pending }
    this.#pending = undefined
    const resumeOne = this.#own<(continuation: number) => void>('resume')
    let words = given
    for (let frame = this.#frames.pop(); frame !== undefined; frame = this.#frames.pop()) {
      const { continuation, site } = frame
      this.#words = [...frame.words, ...words, site]
      this.#enter(() => { resumeOne(continuation) })
      if (this.#hasSuspended()) return { kind: 'suspended', pending: this.#pending }
      words = this.#words
    }
    const [, types] = this.#signature(this.#entry as string)
    this.#entry = undefined
    return { kind: 'finished', results: popValues(words, types) }
  }

  /** All of a suspended guest but its memory. Throws ESRCH if it is not suspended, ENOSYS for what cannot be saved. */
  save (): GuestState {
    if (!this.isSuspended) throw new CloudError('ESRCH', 'The guest is not suspended; suspend it before it is saved.')
    this.#words = []
    this.#own<() => void>('save')()
    const variables = Int32Array.from(this.#words)
    const numbers = this.#functionNumbers()
    return {
      fingerprint: this.#description.fingerprint, entry: this.#entry as string, pending: this.#pending,
      frames: packFrames(this.#frames), variables,
      tables: this.#tables().map(table => saveTable(table, numbers)),
      memoryPages: this.memory === undefined ? 0 : this.memory.buffer.byteLength / PAGE_BYTES,
      fuelUsed: this.fuelUsed, fuelLeft: this.#fuel.value as number
    }
  }

  /**
   * Makes a new guest, which must not have run yet, into the one that was saved; its memory has the size then, and its
   * contents are to be written by the caller. Throws ESTALE for the state of another module, EINVAL for a damaged one,
   * ENOSPC without memory. Whatever a state says, the guest can do no more than its module and imports let it.
   */
  restore (state: GuestState): void {
    if (state.fingerprint !== this.#description.fingerprint) {
      throw new CloudError('ESTALE', 'The state was taken from another module, or one made suspendable otherwise.')
    }
    const frames = unpackFrames(state.frames)
    growMemory(this.memory, state.memoryPages)
    this.#words = [...state.variables]
    this.#own<() => void>('load')()
    const functions = this.#functions()
    for (const [nth, table] of this.#tables().entries()) restoreTable(table, state.tables[nth], functions)
    this.#entry = state.entry
    this.#pending = state.pending
    this.#frames = frames
    this.#granted = state.fuelUsed + state.fuelLeft
    this.#fuel.value = state.fuelLeft
  }

  #call (name: string, args: readonly Value[]): Outcome {
    if (this.isSuspended) throw new CloudError('EBUSY', 'The guest is suspended; resume it before anything is called.')
    if (this.#depth === 0) this.#entry = name
    let returned: unknown
    this.#enter(() => { returned = (this.exports[name] as Import)(...args) })
    if (this.#depth === 0) {
      if (this.#hasSuspended()) return { kind: 'suspended', pending: this.#pending }
      this.#entry = undefined
    }
    return { kind: 'finished', results: listOf(returned, this.#signature(name)[1]) }
  }

  #enter (run: () => void): void {
    this.#depth++
    let hasReturned = false
    try {
      run()
      hasReturned = true
    } finally {
      this.#depth--
      if (!hasReturned && this.#depth === 0) this.#forget()
    }
  }

  /** What was under way is lost; what the module keeps in its memory is as it was. */
  #forget (): void {
    this.#entry = undefined
    this.#pending = undefined
    this.#state.value = 0
    this.#frames = []
    this.#fresh = []
    this.#words = []
  }

  /** Takes over the frames of an instance that has just left all of them. */
  #hasSuspended (): boolean {
    if (this.#state.value === 0) return false
    this.#state.value = 0
    for (const frame of this.#fresh.toReversed()) this.#frames.push(frame)
    this.#fresh = []
    return true
  }

  #resultsOfPending (results: readonly Value[] | undefined): number[] | typeof SUSPEND {
    const words: number[] = []
    if (this.#pending === undefined) return words
    const { module, name, args } = this.#pending
    const known = this.#suspending.get(keyOf(module, name))
    if (known === undefined) throw damaged()
    const { signature: [, types], implementation } = known
    let given = results
    if (given === undefined) {
      const returned = implementation(...args)
      if (returned === SUSPEND) return SUSPEND
      given = listOf(returned, types)
    }
    pushValues(words, types, given)
    return words
  }

  #wrap (imports: WebAssembly.Imports): Record<string, Record<string, unknown>> {
    // Whatever is not wrapped is still found, behind.
    const wrapped: Record<string, Record<string, unknown>> = Object.create(imports)
    for (const [module, name, params, results] of this.#description.imports) {
      const implementation = imports[module]?.[name]
      if (typeof implementation !== 'function') continue // the engine says what is wrong with it
      const known = { signature: [params, results] as const, implementation: implementation as Import }
      this.#suspending.set(keyOf(module, name), known)
      const nothing = nothingOf(results)
      if (!Object.hasOwn(wrapped, module)) wrapped[module] = Object.create(imports[module] ?? null)
      ;(wrapped[module] as Record<string, unknown>)[name] = (...args: Value[]): unknown => {
        const returned = known.implementation(...args)
        return returned === SUSPEND ? this.#suspendAt({ module, name, args }, nothing) : returned
      }
    }
    wrapped[NAMESPACE] = this.#ownImports()
    return wrapped
  }

  #suspendAt (pending: PendingCall, nothing: unknown): unknown {
    if (this.#depth > 1) {
      throw new CloudError('ENOSYS', `${pending.name} cannot suspend a guest that was called by an import.`)
    }
    this.#pending = pending
    this.#state.value = 1
    return nothing
  }

  #ownImports (): Record<string, unknown> {
    return {
      push: (word: number) => { this.#words.push(word) },
      pop: () => this.#words.pop(),
      frame: (site: number, continuation: number) => {
        this.#fresh.push({ words: this.#words, site, continuation })
        this.#words = []
      },
      yield: () => this.#refuel()
    }
  }

  /** 1: suspend. */
  #refuel (): number {
    const fuel = this.#options.refuel?.() ?? PLENTY
    if (fuel === SUSPEND && this.#depth === 1) {
      this.#state.value = 1
      return 1
    }
    const more = fuel === SUSPEND ? A_LITTLE : fuel
    this.#granted += more - (this.#fuel.value as number)
    this.#fuel.value = more
    return 0
  }

  #own<T> (name: string): T {
    return this.exports[`${NAMESPACE}.${name}`] as T
  }

  #signature (name: string): Signature {
    return this.#description.exports[name] ?? [[], []]
  }

  #tables (): WebAssembly.Table[] {
    return Array.from({ length: this.#description.tables }, (_, nth) => this.#own(`table.${nth}`))
  }

  #functions (): WebAssembly.Table | undefined {
    return this.#own('functions')
  }

  #functionNumbers (): Map<unknown, number> {
    const functions = this.#functions()
    return new Map(Array.from({ length: functions?.length ?? 0 }, (_, nth) => [functions?.get(nth), nth]))
  }
}

function keyOf (module: string, name: string): string {
  return JSON.stringify([module, name])
}

/** What a function has returned, as a list. */
function listOf (returned: unknown, types: readonly number[]): Value[] {
  if (types.length === 0) return []
  return types.length === 1 ? [returned as Value] : [...returned as Iterable<Value>]
}

function saveTable (table: WebAssembly.Table, numbers: ReadonlyMap<unknown, number>): Int32Array {
  return Int32Array.from({ length: table.length }, (_, at) => {
    const entry = table.get(at)
    const number = entry === null ? -1 : numbers.get(entry)
    if (number === undefined) {
      throw new CloudError('ENOSYS', 'A table of the guest holds what is its host\'s; it cannot be carried elsewhere.')
    }
    return number
  })
}

function restoreTable (
  table: WebAssembly.Table, saved: Int32Array | undefined, functions: WebAssembly.Table | undefined
): void {
  try {
    if (saved === undefined) throw new RangeError('A table is missing.')
    if (saved.length > table.length) table.grow(saved.length - table.length)
    for (const [at, number] of saved.entries()) table.set(at, number < 0 ? null : functions?.get(number))
  } catch (error) {
    throw damaged(error)
  }
}

function growMemory (memory: WebAssembly.Memory | undefined, pages: number): void {
  if (memory === undefined) return
  const missing = pages - memory.buffer.byteLength / PAGE_BYTES
  if (missing <= 0) return
  try {
    memory.grow(missing)
  } catch (error) {
    throw new CloudError('ENOSPC', `There is no room for the guest's memory of ${pages} pages here.`, { cause: error })
  }
}
