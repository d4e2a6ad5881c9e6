import { F32, F64, I32, I64, V128, type FunctionType } from '../../src/binary/types.ts'
import { Writer } from '../../src/binary/writer.ts'
import type { Chance } from './chance.ts'
import { BUDGET, RUN, TYPES, zeroOf, type BlockTypes, type World } from './world.ts'

const BLOCK = 0x02
const LOOP = 0x03
const IF = 0x04
const ELSE = 0x05
const END = 0x0b

/** Opcodes that take values of the first type and give one of the second. */
const BINARY: Readonly<Record<number, ReadonlyArray<readonly number[]>>> = {
  [I32]: [[0x6a], [0x6b], [0x6c], [0x71], [0x72], [0x73], [0x74], [0x76], [0x77], [0x46], [0x48], [0x4d]],
  [I64]: [[0x7c], [0x7d], [0x7e], [0x83], [0x84], [0x85], [0x86], [0x88], [0x89]],
  [F32]: [[0x92], [0x93], [0x94], [0x95], [0x96], [0x97]],
  [F64]: [[0xa0], [0xa1], [0xa2], [0xa3], [0xa4], [0xa5]],
  [V128]: [[0xfd, 0x6e], [0xfd, 0x8e, 1], [0xfd, 0xae, 1], [0xfd, 0xce, 1], [0xfd, 0x4e], [0xfd, 0x51], [0xfd, 0x7b],
    [0xfd, 0xba, 1], [0xfd, 0x23], [0xfd, 0x0e], [0xfd, 0x0d, 0, 17, 3, 31, 4, 5, 20, 7, 8, 9, 10, 11, 12, 13, 30, 15]]
}

/** From which type, by which opcode. */
const CONVERSIONS: Readonly<Record<number, ReadonlyArray<readonly [number, ...number[]]>>> = {
  [I32]: [[I32, 0x45], [I32, 0x67], [I32, 0xc0], [I64, 0xa7], [I64, 0x50], [F64, 0xfc, 2], [F32, 0xfc, 1],
    [V128, 0xfd, 0x1b, 2], [V128, 0xfd, 0x64], [V128, 0xfd, 0x53], [F64, 0xaa]],
  [I64]: [[I32, 0xac], [I32, 0xad], [I64, 0x7a], [I64, 0xc3], [F64, 0xfc, 6], [V128, 0xfd, 0x1d, 1]],
  [F32]: [[I32, 0xb2], [F64, 0xb6], [F32, 0x8c], [F32, 0x91]],
  [F64]: [[I32, 0xb7], [I64, 0xb9], [F32, 0xbb], [F64, 0x9c], [F64, 0x9f]],
  [V128]: [[I32, 0xfd, 0x0f], [I32, 0xfd, 0x11], [I64, 0xfd, 0x12], [V128, 0xfd, 0x61], [V128, 0xfd, 0x87, 1]]
}

const LOADS: Readonly<Record<number, ReadonlyArray<readonly number[]>>> = {
  [I32]: [[0x28], [0x2c], [0x2f]], [I64]: [[0x29], [0x31], [0x35]],
  [F32]: [[0x43, 1, 2, 3, 4]], [F64]: [[0x44, 1, 2, 3, 4, 5, 6, 7, 63]], // constants: memory may hold any NaN
  [V128]: [[0xfd, 0x00], [0xfd, 0x07]]
}

/** Draws one function of a random module. */
export class RandomBody {
  readonly #chance: Chance
  readonly #world: World
  readonly #blocks: BlockTypes
  readonly #type: FunctionType
  readonly #isEntry: boolean
  readonly #locals: number[]
  readonly #out = new Writer()
  /** What branches to each open block take; undefined: a loop, to which nothing branches by chance. */
  readonly #labels: Array<readonly number[] | undefined> = []
  #left: number

  constructor (chance: Chance, world: World, blocks: BlockTypes, type: FunctionType, isEntry: boolean) {
    this.#chance = chance
    this.#world = world
    this.#blocks = blocks
    this.#type = type
    this.#isEntry = isEntry
    this.#locals = [...type.params, ...TYPES, ...chance.list(5, () => chance.pick(TYPES))]
    this.#left = 20 + chance.below(80)
  }

  write (): Uint8Array {
    const out = this.#out
    const own = this.#locals.slice(this.#type.params.length)
    out.list(own, type => { out.u32(1).byte(type) })
    this.#labels.push(this.#type.results)
    if (this.#isEntry) out.byte(0x41).s32(100).byte(0x24).u32(BUDGET)
    this.#spend(() => {
      for (const type of this.#type.results) out.raw(zeroOf(type))
      out.byte(0x0f)
    })
    this.#statements(4)
    for (const type of this.#type.results) this.#value(type, 4)
    return out.byte(END).written
  }

  /** One less of the budget; `ifNone` is done when it is used up. */
  #spend (ifNone: () => void): void {
    const out = this.#out
    out.byte(0x23).u32(BUDGET).byte(0x45).byte(IF).byte(0x40)
    ifNone()
    out.byte(END).byte(0x23).u32(BUDGET).byte(0x41).byte(1).byte(0x6b).byte(0x24).u32(BUDGET)
  }

  #statements (depth: number): void {
    for (let count = 1 + this.#chance.below(4); count > 0; count--) this.#statement(depth)
  }

  #statement (depth: number): void {
    const out = this.#out
    const chance = this.#chance
    if (depth <= 0 || --this.#left < 0) return
    switch (chance.below(16)) {
      case 0: case 1: this.#setLocal(depth); return
      case 2: {
        const global = 1 + chance.below(this.#world.globals.length - 1)
        this.#value(this.#world.globals[global] as number, depth - 1)
        out.byte(0x24).u32(global)
        return
      }
      case 3: this.#store(depth); return
      case 4: this.#call(depth, () => { /* whatever it gives */ }); return
      case 5: this.#if({ params: [], results: [] }, depth); return
      case 6: this.#block(BLOCK, { params: [], results: [] }, () => { this.#statements(depth - 1) }); return
      case 7: case 8: this.#loop([], depth); return
      case 9: this.#switch(depth); return
      case 10: this.#leave(depth); return
      case 11: this.#bulk(depth); return
      case 12: {
        // Values that lie under whole statements.
        const types = chance.list(3, () => chance.pick(TYPES))
        for (const type of types) this.#value(type, depth - 2)
        this.#statements(depth - 1)
        for (const type of types.toReversed()) out.byte(0x21).u32(this.#localOf(type))
        return
      }
      default: this.#call(depth, () => { /* likewise */ })
    }
  }

  #setLocal (depth: number): void {
    const local = this.#chance.below(this.#locals.length)
    this.#value(this.#locals[local] as number, depth - 1)
    this.#out.byte(0x21).u32(local)
  }

  #localOf (type: number): number {
    const fitting = this.#locals.flatMap((each, local) => each === type ? [local] : [])
    return this.#chance.pick(fitting)
  }

  #address (depth: number): void {
    this.#value(I32, depth - 1)
    if (!this.#chance.oneIn(30)) this.#out.byte(0x41).s32(0xfff).byte(0x71)
  }

  #store (depth: number): void {
    this.#address(depth)
    const type = this.#chance.pick([I32, I64, V128])
    this.#value(type, depth - 1)
    const out = this.#out
    if (type === V128) out.byte(0xfd).byte(0x0b)
    else out.byte(type === I32 ? this.#chance.pick([0x36, 0x3a]) : 0x37)
    out.byte(0).byte(this.#chance.below(100))
  }

  #bulk (depth: number): void {
    const out = this.#out
    const chance = this.#chance
    switch (chance.below(7)) {
      case 0: out.byte(0xfc).byte(9).byte(1); return // data.drop
      case 1: // memory.init, of nothing if it may have been dropped
        this.#address(depth)
        out.byte(0x41).byte(0).byte(0x41).byte(chance.oneIn(2) ? 0 : 9).byte(0xfc).byte(8).byte(1).byte(0)
        return
      case 2: case 3:
        for (let count = 0; count < 2; count++) this.#address(depth)
        out.byte(0x41).byte(chance.below(60)).byte(0xfc)
        if (chance.oneIn(2)) out.byte(10).byte(0).byte(0)
        else out.byte(11).byte(0)
        return
      case 4:
        out.byte(0x41).byte(chance.oneIn(4) ? chance.below(this.#world.tableSize) : 0).byte(0xd2)
          .u32(chance.below(RUN))
        out.byte(0x26).byte(0)
        return
      case 5: // table.init, likewise
        out.byte(0x41).byte(1).byte(0x41).byte(0).byte(0x41).byte(chance.oneIn(4) ? 2 : 0)
        out.byte(0xfc).byte(12).byte(1).byte(0)
        return
      default: out.byte(0xfc).byte(13).byte(1) // elem.drop
    }
  }

  #leave (depth: number): void {
    const out = this.#out
    const label = this.#chance.below(this.#labels.length)
    const types = this.#labels[this.#labels.length - 1 - label]
    if (types === undefined) return
    this.#value(I32, depth - 1)
    out.byte(IF).byte(0x40)
    this.#labels.push(undefined)
    for (const type of types) this.#value(type, depth - 1)
    this.#labels.pop()
    if (label === this.#labels.length - 1 && this.#chance.oneIn(2)) out.byte(0x0f)
    else out.byte(0x0c).u32(label + 1)
    out.byte(END)
  }

  #switch (depth: number): void {
    const out = this.#out
    const count = 2 + this.#chance.below(4)
    for (let at = 0; at < count; at++) {
      out.byte(BLOCK).byte(0x40)
      this.#labels.push([])
    }
    this.#value(I32, depth - 1)
    out.byte(0x0e).u32(count - 1)
    for (let at = 0; at < count; at++) out.u32(this.#chance.below(count))
    for (let at = 0; at < count; at++) {
      out.byte(END)
      this.#labels.pop()
      this.#statement(depth - 1)
    }
  }

  #block (op: number, type: FunctionType, fill: () => void): void {
    const { params, results } = type
    this.#out.byte(op)
    if (params.length === 0 && results.length === 0) this.#out.byte(0x40)
    else this.#out.s32(this.#blocks.add(type))
    this.#labels.push(op === LOOP ? undefined : results)
    fill()
    this.#labels.pop()
    this.#out.byte(END)
  }

  #if (type: FunctionType, depth: number): void {
    this.#value(I32, depth - 1)
    const arm = (): void => { this.#consume(type, depth) }
    this.#block(IF, type, () => {
      arm()
      if (type.results.length === 0 && type.params.length === 0 && this.#chance.oneIn(2)) return
      this.#out.byte(ELSE)
      arm()
    })
  }

  /** A loop that goes round now and then, with values that it takes each time. */
  #loop (results: readonly number[], depth: number): void {
    const out = this.#out
    const chance = this.#chance
    const params = chance.oneIn(3) ? chance.list(2, () => chance.pick(TYPES)) : []
    for (const type of params) this.#value(type, depth - 2)
    const counter = this.#localOf(I32)
    this.#block(LOOP, { params, results }, () => {
      this.#consume({ params, results: [] }, depth - 1)
      out.byte(0x23).u32(BUDGET).byte(0x04).byte(0x40)
      this.#labels.push(undefined)
      this.#spend(() => { /* it is not */ })
      this.#labels.pop()
      out.byte(END)
      for (const type of params) this.#value(type, depth - 2)
      out.byte(0x20).u32(counter).byte(0x41).byte(3).byte(0x71)
      out.byte(0x23).u32(BUDGET).byte(0x41).byte(0).byte(0x47).byte(0x71)
      out.byte(0x0d).byte(0)
      for (let count = 0; count < params.length; count++) out.byte(0x1a)
      for (const type of results) this.#value(type, depth - 2)
    })
  }

  /** The body of a block: what lies on the stack is used up somewhere among statements. */
  #consume ({ params, results }: FunctionType, depth: number): void {
    if (params.length > 0) this.#statement(depth - 1)
    for (const type of params.toReversed()) this.#out.byte(0x21).u32(this.#localOf(type))
    this.#statements(depth - 1)
    for (const type of results) this.#value(type, depth - 1)
  }

  /** Leaves the last result on the stack if `use` is for it; the others go to locals. */
  #call (depth: number, use: (type: number) => void, wanted?: number): void {
    const out = this.#out
    const { functions, order, tableSize, types } = this.#world
    const fitting = functions.flatMap((type, index) => {
      const isWanted = wanted === undefined || types[type]?.results.at(-1) === wanted
      return isWanted && index !== RUN ? [index] : []
    })
    if (fitting.length === 0) {
      if (wanted !== undefined) out.raw(zeroOf(wanted))
      return
    }
    const index = this.#chance.pick(fitting)
    const type = functions[index] as number
    const { params, results } = types[type] as FunctionType
    for (const param of params) this.#value(param, depth - 1)
    if (this.#chance.oneIn(3)) {
      out.byte(0x41).byte(this.#chance.oneIn(40) ? this.#chance.below(tableSize) : 1 + order.indexOf(index))
      out.byte(0x11).u32(type).byte(0)
    } else out.byte(0x10).u32(index)
    const kept = wanted === undefined ? results : results.slice(0, -1)
    if (wanted !== undefined) out.byte(0x21).u32(this.#localOf(wanted))
    for (const result of kept.toReversed()) out.byte(0x21).u32(this.#localOf(result))
    if (wanted !== undefined) out.byte(0x20).u32(this.#localOf(wanted))
    if (wanted !== undefined) use(wanted)
  }

  #value (type: number, depth: number): void {
    const out = this.#out
    const chance = this.#chance
    if (depth <= 0 || --this.#left < 0) {
      this.#leaf(type)
      return
    }
    switch (chance.below(12)) {
      case 0: this.#leaf(type); return
      case 1: case 2: {
        const code = chance.pick(BINARY[type] ?? [])
        this.#value(type, depth - 1)
        this.#value(type, depth - 1)
        for (const byte of code) out.byte(byte)
        return
      }
      case 3: {
        const [from, ...code] = chance.pick(CONVERSIONS[type] ?? []) as [number, ...number[]]
        this.#value(from, depth - 1)
        for (const byte of code) out.byte(byte)
        return
      }
      case 4: {
        const code = chance.pick(LOADS[type] ?? [])
        if (type !== F32 && type !== F64) this.#address(depth)
        for (const byte of code) out.byte(byte)
        if (type !== F32 && type !== F64) out.byte(0).byte(chance.below(50))
        return
      }
      case 5:
        this.#value(type, depth - 1)
        this.#value(type, depth - 1)
        this.#value(I32, depth - 1)
        out.byte(0x1b)
        return
      case 6: this.#if({ params: [], results: [type] }, depth); return
      case 7: {
        const params = chance.list(2, () => chance.pick(TYPES))
        for (const each of params) this.#value(each, depth - 1)
        if (chance.oneIn(2)) this.#if({ params, results: [type] }, depth)
        else {
          const block = { params, results: [type] }
          this.#block(BLOCK, block, () => { this.#consume(block, depth) })
        }
        return
      }
      case 8: this.#loop([type], depth); return
      case 9:
        this.#value(type, depth - 1)
        out.byte(0x22).u32(this.#localOf(type))
        return
      default: this.#call(depth, () => { /* it is there */ }, type)
    }
  }

  #leaf (type: number): void {
    const chance = this.#chance
    const out = this.#out
    if (chance.oneIn(4)) out.raw(zeroOf(type))
    else if (chance.oneIn(3)) {
      const fitting = this.#world.globals.flatMap((each, global) => each === type && global > 0 ? [global] : [])
      out.byte(0x23).u32(chance.pick(fitting))
    } else if (type === I32 && chance.oneIn(2)) out.byte(0x41).s32(chance.below(5000) - 1000)
    else out.byte(0x20).u32(this.#localOf(type))
  }
}
