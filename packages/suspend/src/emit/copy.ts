import {
  BLOCK, BR, BR_IF, BR_TABLE, CALL, CALL_INDIRECT, DATA_DROP, ELEM_DROP, ELSE, END, GLOBAL_GET, GLOBAL_SET, I32_CONST,
  I32_LT_S, I32_SUB, IF, LOCAL_GET, LOCAL_SET, LOCAL_TEE, LOOP, REF_FUNC, RETURN, UNREACHABLE
} from '../binary/opcodes.ts'
import { I32 } from '../binary/types.ts'
import { Writer } from '../binary/writer.ts'
import type { Code } from '../code/code.ts'
import type { LoopCheck } from '../code/loops.ts'
import type { Shape, Site, Slot } from '../code/shape.ts'
import type { Layout } from '../layout.ts'
import { Unsupported } from '../unsupported.ts'
import { pushZero, saveFrame, type Kept } from './frames.ts'

/** Type of a block that takes and gives nothing. */
export const EMPTY = 0x40

/** A function with all that was found out about it. */
export interface Subject {
  readonly code: Code
  readonly shape: Shape
  readonly loopChecks: ReadonlyMap<number, LoopCheck>
  /** What it takes on entry, about one for each instruction; 0: it does not look. */
  readonly entryFuel: number
  /** The number of its continuation. */
  readonly continuation: number
}

/** One that is never suspended. */
export function steady (code: Code): Subject {
  const shape = { sites: [], siteAt: new Map(), regions: new Map(), kept: new Map() }
  return { code, shape, loopChecks: new Map(), entryFuel: 0, continuation: 0 }
}

/**
 * A block of the original: how deep it is in what is written, and all that stands around it for its sake; what its
 * rounds are counted by.
 */
interface Label { readonly depth: number, readonly outside: number, readonly counter: number | undefined }

/**
 * Writes a function anew with a look, after each call that may suspend, whether it did: then it saves its frame and
 * returns. For the rest it stays as it was.
 */
export class Copy {
  protected readonly out = new Writer(1024)
  protected readonly subject: Subject
  protected readonly layout: Layout
  /** How many blocks of what is written are open. */
  protected depth = 0
  readonly #labels: Label[] = []
  readonly #added: number[] = []
  readonly #slots = new Map<Slot, number>()
  readonly #bytesMax: number
  #fuelLocal = -1

  constructor (subject: Subject, layout: Layout, bytesMax: number) {
    this.subject = subject
    this.layout = layout
    this.#bytesMax = bytesMax
  }

  /** The function's body as the code section has it, without its size. */
  write (): Uint8Array {
    this.begin()
    this.#writeCode()
    const { code: { type, locals } } = this.subject
    const head = new Writer()
    const declared = [...locals.slice(this.ownParams), ...this.#added]
    const runs: Array<{ type: number, count: number }> = []
    for (const each of declared) {
      const last = runs.at(-1)
      if (last?.type === each) last.count++
      else runs.push({ type: each, count: 1 })
    }
    if (declared.length + type.params.length > 50_000) throw new Unsupported('a function would have too many locals')
    head.list(runs, run => head.u32(run.count).byte(run.type))
    return head.raw(this.out.written).written
  }

  /** How many of the locals are parameters. */
  protected get ownParams (): number {
    return this.subject.code.type.params.length
  }

  protected begin (): void {
    this.#labels.push({ depth: this.depth, outside: this.depth, counter: undefined })
    const { entryFuel, shape } = this.subject
    this.beginRegion(-1)
    if (entryFuel > 0) this.#checkFuel(shape.siteAt.get(-1) as Site, entryFuel)
  }

  protected end (): void {
    this.out.byte(END)
  }

  protected returnFromCode (): void {
    this.out.byte(RETURN)
  }

  /** Leaves the function, whose frame is saved. */
  protected leave (): void {
    for (const type of this.subject.code.type.results) pushZero(this.out, type)
    this.out.byte(RETURN)
  }

  /** Here a region begins, a block with points is about to, and the results of a site are on the operand stack. */
  protected beginRegion (_key: number): void { /* only a continuation can be entered elsewhere */ }
  protected beforeBlock (_at: number): void { /* likewise */ }
  protected afterSite (_site: Site): void { /* likewise */ }
  protected beforeRounds (): void { /* likewise */ }

  #writeCode (): void {
    const { code: { bytes, ops, args, from, until }, shape: { kept } } = this.subject
    const isKept = new Uint8Array(ops.length)
    for (const at of kept.keys()) isKept[at] = 1
    let runFrom = 0
    let runUntil = 0
    for (let at = 0; at < ops.length; at++) {
      const op = ops[at] as number
      const isRewritten = isRewrittenOp(op)
      if (!isRewritten && from[at] === runUntil) runUntil = until[at] as number
      else {
        this.out.copy(bytes, runFrom, runUntil)
        runFrom = runUntil = 0
        if (isRewritten) this.#rewrite(at, op, args[at] as number)
        else {
          runFrom = from[at] as number
          runUntil = until[at] as number
        }
      }
      if (isKept[at] === 1) {
        this.out.copy(bytes, runFrom, runUntil)
        runFrom = runUntil = 0
        this.#keep(kept.get(at) as readonly Slot[])
      }
      if (op <= ELSE && op >= BLOCK) this.#beginBlock(at)
      if (this.out.length > this.#bytesMax) throw new Unsupported('made suspendable, it would be too large')
    }
  }

  #roundsOf (at: number): number {
    return this.subject.loopChecks.get(at)?.rounds ?? 0
  }

  #rewrite (at: number, op: number, arg: number): void {
    const { code, shape: { siteAt } } = this.subject
    const { layout, out } = this
    switch (op) {
      case BLOCK: case IF: this.#open(at); return
      case LOOP: if (this.#roundsOf(at) > 1) this.#openRounds(at); else this.#open(at); return
      case ELSE: out.byte(ELSE); return
      case END: this.#close(arg); return
      case BR: this.#branch(arg); return
      case BR_IF: this.#branchIf(arg); return
      case BR_TABLE:
        out.byte(BR_TABLE)
        out.u32((code.labels.get(at)?.length ?? 1) - 1)
        for (const label of code.labels.get(at) ?? []) out.u32(this.depth - this.#label(label).depth)
        return
      case RETURN: this.returnFromCode(); return
      case REF_FUNC: out.byte(REF_FUNC).u32(layout.indexOf(arg)); return
      case CALL: out.byte(CALL).u32(layout.indexOf(arg)); break
      case CALL_INDIRECT: out.copy(code.bytes, code.from[at] as number, code.until[at] as number); break
      default: this.#drop(at, op, arg)
    }
    const site = siteAt.get(at)
    if (site === undefined) return
    out.byte(GLOBAL_GET).u32(layout.state).byte(IF).byte(EMPTY)
    this.#saveAndLeave(site)
    out.byte(END)
    this.afterSite(site)
  }

  #open (at: number): void {
    const { code: { bytes, from, until } } = this.subject
    this.beforeBlock(at)
    this.out.copy(bytes, from[at] as number, until[at] as number)
    this.depth++
    this.#labels.push({ depth: this.depth, outside: this.depth, counter: undefined })
  }

  /**
   * A loop that looks at the fuel once in many rounds becomes a loop around itself:
   * `block loop block $spent (count = rounds) loop ... end br 2 end (look at the fuel) br 0 end unreachable end`.
   */
  #openRounds (at: number): void {
    const { code: { bytes, from, until } } = this.subject
    const { out } = this
    const counter = this.addLocal(I32)
    this.beforeBlock(at)
    out.byte(BLOCK).copy(bytes, (from[at] as number) + 1, until[at] as number).byte(LOOP).byte(EMPTY)
    const outside = this.depth + 1
    this.depth += 2
    this.beforeRounds()
    out.byte(BLOCK).byte(EMPTY).byte(I32_CONST).s32(this.#roundsOf(at)).byte(LOCAL_SET).u32(counter)
    out.copy(bytes, from[at] as number, until[at] as number)
    this.depth += 2
    this.#labels.push({ depth: this.depth, outside, counter })
  }

  #close (opener: number): void {
    const { out } = this
    const { outside } = this.#labels.pop() as Label
    if (opener < 0) {
      this.end()
      return
    }
    out.byte(END)
    this.depth--
    if (this.#roundsOf(opener) < 2) return
    const { loopChecks, shape } = this.subject
    const site = shape.siteAt.get(opener) as Site
    out.byte(BR).u32(this.depth - outside).byte(END)
    this.depth--
    this.#checkFuel(site, loopChecks.get(opener)?.fuel as number)
    out.byte(BR).byte(0).byte(END).byte(UNREACHABLE).byte(END)
    this.depth -= 2
  }

  /** After a block's head, once what it takes is kept. */
  #beginBlock (at: number): void {
    const { loopChecks, shape } = this.subject
    const check = loopChecks.get(at)
    if (check === undefined || check.rounds === 1) this.beginRegion(at)
    if (check?.rounds === 1) this.#checkFuel(shape.siteAt.get(at) as Site, check.fuel)
  }

  #label (label: number): Label {
    return this.#labels[this.#labels.length - 1 - label] as Label
  }

  #branch (label: number): void {
    const { counter, depth } = this.#label(label)
    const { out } = this
    const distance = this.depth - depth
    if (counter === undefined) out.byte(BR).u32(distance)
    else {
      out.byte(LOCAL_GET).u32(counter).byte(I32_CONST).byte(1).byte(I32_SUB).byte(LOCAL_TEE).u32(counter)
      out.byte(BR_IF).u32(distance).byte(BR).u32(distance + 1)
    }
  }

  #branchIf (label: number): void {
    const { counter, depth } = this.#label(label)
    const { out } = this
    if (counter === undefined) {
      out.byte(BR_IF).u32(this.depth - depth)
      return
    }
    out.byte(IF).byte(EMPTY)
    this.depth++
    this.#branch(label)
    this.depth--
    out.byte(END)
  }

  /** Drops a segment and notes that it did: another instance must do so too. */
  #drop (at: number, op: number, segment: number): void {
    const { layout, out, subject: { code: { bytes, from, until } } } = this
    const noted = (op === DATA_DROP ? layout.droppedData : layout.droppedElements).get(segment) as number
    out.copy(bytes, from[at] as number, until[at] as number)
    out.byte(I32_CONST).byte(1).byte(GLOBAL_SET).u32(noted)
  }

  #checkFuel (site: Site, fuel: number): void {
    const { layout, out } = this
    if (this.#fuelLocal < 0) this.#fuelLocal = this.addLocal(I32)
    out.byte(GLOBAL_GET).u32(layout.fuel).byte(I32_CONST).s32(fuel).byte(I32_SUB).byte(LOCAL_TEE).u32(this.#fuelLocal)
    out.byte(GLOBAL_SET).u32(layout.fuel).byte(LOCAL_GET).u32(this.#fuelLocal).byte(I32_CONST).byte(0).byte(I32_LT_S)
    out.byte(IF).byte(EMPTY).byte(CALL).u32(layout.imports.yield).byte(IF).byte(EMPTY)
    this.#saveAndLeave(site)
    out.byte(END).byte(END)
    this.afterSite(site)
  }

  #saveAndLeave (site: Site): void {
    saveFrame(this.out, this.layout, this.keptAt(site), site.pc, this.subject.continuation)
    this.leave()
  }

  protected keptAt ({ live, under }: Site): Kept[] {
    const { code: { locals } } = this.subject
    const kept: Kept[] = live.map(local => ({ type: locals[local] as number, local }))
    for (const slot of under) kept.push({ type: slot.type, local: this.localOf(slot) })
    return kept
  }

  protected addLocal (type: number): number {
    return this.subject.code.locals.length + this.#added.push(type) - 1
  }

  protected localOf (slot: Slot): number {
    let local = this.#slots.get(slot)
    if (local === undefined) this.#slots.set(slot, local = this.addLocal(slot.type))
    return local
  }

  #keep (slots: readonly Slot[]): void {
    const [first] = slots
    if (slots.length === 1 && first !== undefined) this.out.byte(LOCAL_TEE).u32(this.localOf(first))
    else {
      this.takeOff(slots)
      this.putBack(slots)
    }
  }

  /** From the operand stack into the slots, and back. */
  protected takeOff (slots: readonly Slot[]): void {
    for (const slot of slots.toReversed()) this.out.byte(LOCAL_SET).u32(this.localOf(slot))
  }

  protected putBack (slots: readonly Slot[]): void {
    for (const slot of slots) this.out.byte(LOCAL_GET).u32(this.localOf(slot))
  }
}

function isRewrittenOp (op: number): boolean {
  return (op >= BLOCK && op <= CALL_INDIRECT) || op === REF_FUNC || op === DATA_DROP || op === ELEM_DROP
}
