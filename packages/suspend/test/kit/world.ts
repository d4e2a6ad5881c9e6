import { F32, F64, I32, I64, V128, type FunctionType } from '../../src/binary/types.ts'

export const TYPES = [I32, I64, F32, F64, V128]

/** What a random function may refer to. */
export interface World {
  readonly types: readonly FunctionType[]
  /** Types of all functions, by their index; the first are imported. */
  readonly functions: readonly number[]
  readonly globals: readonly number[]
  readonly tableSize: number
  /** The functions that are in the table, from entry 1 on. */
  readonly order: readonly number[]
}

/** What random modules import from `env`. */
export const IMPORTS: ReadonlyArray<[name: string, FunctionType]> = [
  ['note', { params: [I32], results: [I32] }],
  ['wide', { params: [I64, F64, F32], results: [I64] }],
  ['pair', { params: [I32], results: [I32, F64] }],
  ['quiet', { params: [], results: [] }]
]

/** The global that is counted down, so that every program ends. */
export const BUDGET = 0

/** The function that fills the budget, which therefore nobody calls. */
export const RUN = IMPORTS.length

/** Types of blocks, which are added to the module's as they are drawn. */
export class BlockTypes {
  readonly list: FunctionType[]

  constructor (types: readonly FunctionType[]) {
    this.list = [...types]
  }

  add (type: FunctionType): number {
    return this.list.push(type) - 1
  }
}

export function zeroOf (type: number): Uint8Array {
  switch (type) {
    case I32: return Uint8Array.of(0x41, 0)
    case I64: return Uint8Array.of(0x42, 0)
    case F32: return Uint8Array.of(0x43, 0, 0, 0, 0)
    case F64: return Uint8Array.of(0x44, 0, 0, 0, 0, 0, 0, 0, 0)
    default: return Uint8Array.of(0xfd, 12, ...Array.from({ length: 16 }, () => 0))
  }
}
