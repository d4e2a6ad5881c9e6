import { Guest, SUSPEND, type GuestState, type Outcome, type Value } from '../../src/index.ts'

/** When a guest is suspended. */
export interface Itinerary {
  /** Asked at each look at the fuel, and each time a suspending import is called. */
  suspendsNow (): boolean
  /** Whether it goes on in a new instance each time, or in the same. */
  readonly movesOn: boolean
}

export type MakeImports = () => Record<string, Record<string, unknown>>

/** A guest that is suspended again and again, and lives on in one instance after another. */
export class Traveller {
  guest: Guest
  hops = 0
  readonly #module: WebAssembly.Module
  readonly #imports: MakeImports
  readonly #itinerary: Itinerary

  /** `module` was made suspendable; of the imports those of `suspending` ask for suspension. */
  constructor (module: WebAssembly.Module, imports: MakeImports, itinerary: Itinerary) {
    this.#module = module
    this.#imports = imports
    this.#itinerary = itinerary
    this.guest = this.#makeGuest()
    this.#travel(this.guest.start())
  }

  /** Results of an export that is suspended on its way; throws what the guest throws. */
  call (name: string, args: readonly Value[]): readonly Value[] {
    return this.#travel(this.guest.call(name, args))
  }

  #travel (outcome: Outcome): readonly Value[] {
    let reached = outcome
    while (reached.kind === 'suspended') {
      this.hops++
      if (this.#itinerary.movesOn) this.#move()
      reached = this.guest.resume()
    }
    return reached.results
  }

  #move (): void {
    const state = structuredClone(this.guest.save()) as GuestState
    const { memory } = this.guest
    const kept = memory === undefined ? undefined : new Uint8Array(memory.buffer).slice()
    if (memory !== undefined) new Uint8Array(memory.buffer).fill(0xee) // nobody may look at it any more
    this.guest = this.#makeGuest()
    this.guest.restore(state)
    if (kept !== undefined) new Uint8Array(this.guest.memory?.buffer as ArrayBuffer).set(kept)
  }

  #makeGuest (): Guest {
    return new Guest(this.#module, this.#wrap(this.#imports()), {
      refuel: () => this.#itinerary.suspendsNow() ? SUSPEND : 0
    })
  }

  #wrap (imports: Record<string, Record<string, unknown>>): Record<string, Record<string, unknown>> {
    return Object.fromEntries(Object.entries(imports).map(([module, names]) => {
      return [module, Object.fromEntries(Object.entries(names).map(([name, value]) => [name, this.#asking(value)]))]
    }))
  }

  #asking (value: unknown): unknown {
    if (typeof value !== 'function' || Object.hasOwn(value, 'steady')) return value
    const implementation = value as (...args: Value[]) => unknown
    return (...args: Value[]) => this.#itinerary.suspendsNow() ? SUSPEND : implementation(...args)
  }
}

/** Suspends every so many times it is asked; each time is asked again afterwards, which must not count. */
export function every (count: number, movesOn = true): Itinerary {
  let asked = 0
  return { suspendsNow: () => ++asked % (count + 1) === 0, movesOn }
}

/** Suspends wherever it can, once. */
export function always (movesOn = true): Itinerary {
  return every(1, movesOn)
}
