import type { Code } from './code.ts'
import type { LoopCheck } from './loops.ts'
import type { Module } from '../binary/module.ts'
import {
  BLOCK, BR, BR_IF, BR_TABLE, CALL, CALL_INDIRECT, DROP, ELSE, END, GIVES, GLOBAL_GET, GLOBAL_SET, IF, LOCAL_GET,
  LOCAL_SET, LOCAL_TEE, LOOP, POPS, REF_FUNC, REF_IS_NULL, REF_NULL, RETURN, SELECT, SELECT_TYPED, TABLE_GET, TABLE_SET,
  UNREACHABLE
} from '../binary/opcodes.ts'
import { FUNCREF, I32, isReference, NOTHING, type FunctionType } from '../binary/types.ts'
import { Unsupported } from '../unsupported.ts'

/** Stands for a local that keeps what is at one height of the operand stack. */
export interface Slot { readonly type: number }

/** A place where a function may be suspended. */
export interface Site {
  /** The call, the loop whose head it is, or -1: the entry. */
  readonly at: number
  /** Numbers the sites of a function from 1, in the order of the code. */
  readonly pc: number
  /** What stands on the operand stack under what the call takes, deepest first; all of it, and that of its block. */
  readonly under: readonly Slot[]
  readonly ofBlock: readonly Slot[]
  readonly results: readonly Slot[]
  /** Set once it is known. */
  live: readonly number[]
}

/** A site, or a block with sites within, as its region sees it. */
export interface Point {
  readonly at: number
  readonly site: Site | undefined
  readonly first: number
  readonly last: number
  /** What its own region has on the operand stack before it, deepest first: also what it takes. */
  readonly stack: readonly Slot[]
}

/** Code between a block's beginning and its end or else, as far as it has points. */
export interface Region {
  readonly points: Point[]
  readonly params: readonly Slot[]
  readonly first: number
  last: number
}

/** Where a function may be suspended, and what is on its operand stack there. */
export interface Shape {
  readonly sites: Site[]
  readonly siteAt: ReadonlyMap<number, Site>
  /** By the index of what begins it: a block, an else, -1 for the function. Without points they are left out. */
  readonly regions: ReadonlyMap<number, Region>
  /** By the index of what gives values: the slots for them, of which one is needed at least. */
  readonly kept: ReadonlyMap<number, readonly Slot[]>
}

export interface ShapeInput {
  readonly module: Module
  readonly code: Code
  readonly maySuspend: (at: number) => boolean
  readonly loopChecks: ReadonlyMap<number, LoopCheck>
  readonly isCheckedAtEntry: boolean
}

/** So many values may be noted for all the places of a function. */
const WORK_MAX = 10_000_000

interface Group { readonly first: number, readonly types: readonly number[] }

interface Open {
  readonly at: number
  readonly key: number
  readonly base: number
  readonly type: FunctionType
  readonly region: Region
  readonly stack: readonly Slot[]
  readonly first: number
}

/** Follows the types on the operand stack through a function; throws Unsupported for references that would be kept. */
export function shapeOf (input: ShapeInput): Shape {
  return new Shaper(input).shape()
}

class Shaper {
  readonly #input: ShapeInput
  readonly #sites: Site[] = []
  readonly #siteAt = new Map<number, Site>()
  readonly #regions = new Map<number, Region>()
  readonly #kept = new Map<number, Slot[]>()
  readonly #slots = new Map<number, Slot>()
  /** The operand stack: types, the index of the instruction that gave each, and with what else, if it gave several. */
  #height = 0
  readonly #types: number[] = []
  readonly #givenBy: number[] = []
  readonly #groups: Array<Group | undefined> = []
  #work = 0
  /** Whatever stands below this height is kept already. */
  #keptBelow = 0
  readonly #open: Open[] = []

  constructor (input: ShapeInput) {
    this.#input = input
  }

  shape (): Shape {
    const { code, isCheckedAtEntry } = this.#input
    this.#enter(-1, -1, { params: [], results: code.type.results }, [])
    if (isCheckedAtEntry) this.#addSite(-1, 0, [])
    for (let at = 0; at < code.ops.length; at++) this.#step(at, code.ops[at] as number, code.args[at] as number)
    return { sites: this.#sites, siteAt: this.#siteAt, regions: this.#regions, kept: this.#kept }
  }

  #step (at: number, op: number, arg: number): void {
    const { code, module } = this.#input
    switch (op) {
      case BLOCK: case LOOP: case IF: this.#begin(at, op); return
      case ELSE: this.#else(at); return
      case END: this.#end(at); return
      case BR: case BR_TABLE: case RETURN: case UNREACHABLE: return
      case BR_IF: case DROP: case LOCAL_SET: case GLOBAL_SET: this.#pop(1); return
      case CALL: this.#call(at, module.types[module.functions[arg] as number] as FunctionType); return
      case CALL_INDIRECT: this.#pop(1); this.#call(at, module.types[arg] as FunctionType); return
      case SELECT: case SELECT_TYPED: {
        const type = this.#types[this.#height - 2] as number
        this.#pop(3)
        this.#push(type, at)
        return
      }
      case LOCAL_GET: this.#push(code.locals[arg] as number, at); return
      case LOCAL_TEE: this.#replace(code.locals[arg] as number, at); return
      case GLOBAL_GET: this.#push(module.globals[arg]?.type as number, at); return
      case TABLE_GET: this.#replace(module.tables[arg]?.type as number, at); return
      case TABLE_SET: this.#pop(2); return
      case REF_NULL: this.#push(code.valueTypes.get(at) as number, at); return
      case REF_IS_NULL: this.#replace(I32, at); return
      case REF_FUNC: this.#push(FUNCREF, at); return
      default: {
        const gives = GIVES[op] as number
        this.#pop(POPS[op] as number)
        if (gives !== 0) this.#push(gives, at)
      }
    }
  }

  #push (type: number, at: number, group?: Group): void {
    this.#types[this.#height] = type
    this.#givenBy[this.#height] = at
    this.#groups[this.#height++] = group
  }

  #pushAll (types: readonly number[], at: number): void {
    const group = types.length > 1 ? { first: this.#height, types } : undefined
    for (const type of types) this.#push(type, at, group)
  }

  #pop (count: number): void {
    this.#cut(this.#height - count)
  }

  #cut (height: number): void {
    this.#height = height
    if (this.#keptBelow > height) this.#keptBelow = height
  }

  #replace (type: number, at: number): void {
    this.#pop(1)
    this.#push(type, at)
  }

  #begin (at: number, op: number): void {
    const { code, loopChecks } = this.#input
    const type = code.blocks.get(at) ?? NOTHING
    const stack = this.#stackFrom((this.#open.at(-1) as Open).base)
    if (op === IF) this.#pop(1)
    this.#cut(this.#height - type.params.length)
    this.#enter(at, at, type, stack)
    if (loopChecks.has(at)) this.#addSite(at, this.#height, [])
  }

  /** `at`: what begins the block; `key`: what begins the region. */
  #enter (at: number, key: number, type: FunctionType, stack: readonly Slot[]): void {
    const base = this.#height
    const first = this.#sites.length + 1
    this.#pushAll(type.params, key)
    const region = { points: [], params: this.#stackFrom(base), first, last: 0 }
    this.#open.push({ at, key, base, type, region, stack, first })
  }

  #else (at: number): void {
    const { at: block, base, type, region, stack, first, key } = this.#open.pop() as Open
    this.#leave(key, region)
    this.#cut(base)
    this.#pushAll(type.params, at)
    const next = { points: [], params: this.#stackFrom(base), first: this.#sites.length + 1, last: 0 }
    this.#open.push({ at: block, key: at, base, type, region: next, stack, first })
  }

  #end (at: number): void {
    const { at: block, base, type, region, stack, first, key } = this.#open.pop() as Open
    this.#leave(key, region)
    this.#cut(base)
    this.#pushAll(type.results, at)
    const last = this.#sites.length
    const outer = this.#open.at(-1)
    if (outer === undefined || last < first) return
    outer.region.points.push({ at: block, site: undefined, first, last, stack })
  }

  #leave (key: number, region: Region): void {
    region.last = this.#sites.length
    if (region.points.length > 0) this.#regions.set(key, region)
  }

  #call (at: number, { params, results }: FunctionType): void {
    const height = this.#height - params.length
    if (this.#input.maySuspend(at)) this.#addSite(at, height, results)
    this.#cut(height)
    this.#pushAll(results, at)
  }

  /** `height`: of what remains on the stack meanwhile. */
  #addSite (at: number, height: number, results: readonly number[]): void {
    this.#keepBelow(height)
    const { base, region } = this.#open.at(-1) as Open
    const pc = this.#sites.length + 1
    const under = this.#stackFrom(0, height)
    const ofBlock = under.slice(base)
    const site: Site = {
      at, pc, under, ofBlock, live: [], results: results.map((type, nth) => this.#slot(height + nth, type))
    }
    for (const { type } of [...under, ...site.results]) refuseReference(type)
    this.#sites.push(site)
    this.#siteAt.set(at, site)
    region.points.push({ at, site, first: pc, last: pc, stack: ofBlock })
  }

  #keepBelow (height: number): void {
    for (let at = this.#keptBelow; at < height; at++) {
      const { first, types } = this.#groups[at] ?? { first: at, types: [this.#types[at] as number] }
      this.#kept.set(this.#givenBy[at] as number, types.map((type, nth) => this.#slot(first + nth, type)))
    }
    this.#keptBelow = Math.max(this.#keptBelow, height)
  }

  #stackFrom (from: number, until = this.#height): Slot[] {
    const slots: Slot[] = []
    this.#work += until - from
    if (this.#work > WORK_MAX) throw new Unsupported('it keeps too much on its operand stack')
    for (let at = from; at < until; at++) slots.push(this.#slot(at, this.#types[at] as number))
    return slots
  }

  #slot (height: number, type: number): Slot {
    const key = height * 256 + type
    let slot = this.#slots.get(key)
    if (slot === undefined) this.#slots.set(key, slot = { type })
    return slot
  }
}

/** A reference is of one instance, and cannot be carried to another. */
export function refuseReference (type: number): void {
  if (isReference(type)) throw new Unsupported('it keeps a reference where it may be suspended')
}
