import type { Module } from './binary/module.ts'
import { I32, keyOfType, type FunctionType } from './binary/types.ts'

/** The functions that an instrumented module imports, in this order, after those that it imported before. */
export const IMPORTS = {
  /** The fuel is used up; gives 1 to suspend, 0 to go on. */
  yield: { params: [], results: [I32] },
  /** A word of the frame that is being saved, and the last word of one that is restored. */
  push: { params: [I32], results: [] },
  pop: { params: [], results: [I32] },
  /** Ends a frame: the site within the function, and the function's continuation. */
  frame: { params: [I32, I32], results: [] }
} as const satisfies Record<string, FunctionType>

/** Under this name are the imports; exports and the custom section begin with it. */
export const NAMESPACE = 'suspend'

/** So many words are given to one call. */
export const WORDS_MAX = 12

/** Which numbers things have in the instrumented module. */
export interface Layout {
  /** Of a function of the original module. */
  indexOf (original: number): number
  readonly imports: Readonly<Record<keyof typeof IMPORTS, number>>
  /** Functions that give an i64 to `push` and get it from `pop`. */
  readonly push64: number
  readonly pop64: number
  /** The function that pushes so many words; that does, and ends the frame. */
  pushWords (count: number): number
  frameWords (count: number): number
  /** The first function after all others, for what is exported. */
  readonly exported: number
  readonly state: number
  readonly fuel: number
  /** Globals that note which segments were dropped, by the segment's number. */
  readonly droppedData: ReadonlyMap<number, number>
  readonly droppedElements: ReadonlyMap<number, number>
  /** The table of continuations. */
  readonly continuations: number
  /** The number of a type, which is added if it is new. */
  typeOf (type: FunctionType): number
}

export interface Dropped { readonly data: readonly number[], readonly elements: readonly number[] }

export function layOut (module: Module, continuations: number, dropped: Dropped, types: Types): Layout {
  const imported = module.importedFunctions.length
  const added = Object.keys(IMPORTS).length
  const helpers = module.functions.length + added + continuations
  const state = module.globals.length
  const firstData = state + 2
  const firstElement = firstData + dropped.data.length
  return {
    indexOf: original => original < imported ? original : original + added,
    imports: { yield: imported, push: imported + 1, pop: imported + 2, frame: imported + 3 },
    push64: helpers,
    pop64: helpers + 1,
    pushWords: count => count === 1 ? imported + 1 : helpers + count,
    frameWords: count => count === 0 ? imported + 3 : helpers + WORDS_MAX + count,
    exported: helpers + 2 * WORDS_MAX + 1,
    state,
    fuel: state + 1,
    droppedData: new Map(dropped.data.map((segment, nth) => [segment, firstData + nth])),
    droppedElements: new Map(dropped.elements.map((segment, nth) => [segment, firstElement + nth])),
    continuations: module.tables.length,
    typeOf: type => types.indexOf(type)
  }
}

/** Adds to a list of types those that are not in it. */
export class Types {
  readonly list: FunctionType[]
  readonly #known: Map<string, number>

  constructor (types: readonly FunctionType[]) {
    this.list = [...types]
    this.#known = new Map(types.map((type, at): [string, number] => [keyOfType(type), at]).toReversed())
  }

  indexOf (type: FunctionType): number {
    const known = this.#known.get(keyOfType(type))
    if (known !== undefined) return known
    this.#known.set(keyOfType(type), this.list.length)
    return this.list.push(type) - 1
  }
}
