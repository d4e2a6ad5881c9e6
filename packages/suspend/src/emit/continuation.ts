import {
  BLOCK, BR, BR_IF, BR_TABLE, CALL, END, I32_CONST, I32_LE_U, I32_SUB, IF, LOCAL_GET, LOCAL_SET, LOOP, RETURN, SELECT
} from '../binary/opcodes.ts'
import { I32, V128 } from '../binary/types.ts'
import type { Region, Point, Site } from '../code/shape.ts'
import type { Layout } from '../layout.ts'
import { Copy, EMPTY, type Subject } from './copy.ts'
import { pushValue, restoreFrame, restoreLocal, saveLocal } from './frames.ts'

/** Where an entering jump has to lead for some of the sites: to a block of this depth. */
interface Way { readonly first: number, readonly last: number, readonly depth: number }

/**
 * Writes the continuation of a function: a function without parameters which restores a frame, together with the
 * results of the call that was under way, goes on right behind that call, and pushes its own results as words.
 *
 * To get there, each region, up to the call, has its points numbered. It begins with as many blocks as points, each of
 * which ends right behind a call or before a block with calls inside, and a jump to the one that is wanted; inside that
 * block comes the next jump. `pc` is the number of the site that is looked for, 0 once it is found.
 * Blocks that begin where others begin share their jump, else an interpreter's switch would make one for each case.
 */
export class Continuation extends Copy {
  readonly #pc: number
  readonly #blocks = new Map<number, Point>()
  readonly #vector = { type: V128 }
  /** Jumps of outer regions that are made together with the next one within. */
  #ways: Way[] = []
  /** The block whose region makes the jump for the region around it. */
  #sharing = -1

  constructor (subject: Subject, layout: Layout, bytesMax: number) {
    super(subject, layout, bytesMax)
    this.#pc = this.addLocal(I32)
    for (const { points } of subject.shape.regions.values()) {
      for (const point of points) if (point.site === undefined) this.#blocks.set(point.at, point)
    }
  }

  /** Parameters are locals like others, by the same numbers. */
  protected override get ownParams (): number {
    return 0
  }

  protected override begin (): void {
    const { code: { type: { results } }, shape: { sites } } = this.subject
    const { layout, out } = this
    out.byte(CALL).u32(layout.imports.pop).byte(LOCAL_SET).u32(this.#pc)
    for (let count = 0; count <= sites.length; count++) out.byte(BLOCK).byte(EMPTY)
    out.byte(LOCAL_GET).u32(this.#pc).byte(I32_CONST).byte(1).byte(I32_SUB).byte(BR_TABLE).u32(sites.length - 1)
    for (const { pc } of sites) out.u32(pc - 1)
    for (const site of sites) {
      out.byte(END)
      for (const slot of site.results) restoreLocal(out, layout, slot.type, this.localOf(slot))
      restoreFrame(out, layout, this.keptAt(site))
      out.byte(BR).u32(sites.length - site.pc)
    }
    out.byte(END)
    out.byte(BLOCK)
    if (results.length < 2) out.byte(results[0] ?? EMPTY)
    else out.s32(layout.typeOf({ params: [], results }))
    this.depth = 1
    super.begin()
  }

  protected override end (): void {
    const { code: { type: { results } } } = this.subject
    const { layout, out } = this
    out.byte(END)
    for (const type of results.toReversed()) {
      if (type === V128) {
        const local = this.localOf(this.#vector)
        out.byte(LOCAL_SET).u32(local)
        saveLocal(out, layout, type, local)
      } else pushValue(out, layout, type)
    }
    out.byte(END)
  }

  protected override returnFromCode (): void {
    this.out.byte(BR).u32(this.depth - 1)
  }

  protected override leave (): void {
    this.out.byte(RETURN)
  }

  protected override beginRegion (key: number): void {
    const region = this.subject.shape.regions.get(key)
    if (region === undefined) return
    this.takeOff(region.params)
    const isSharing = this.#sharesJump(key, region)
    const points = isSharing ? region.points.slice(1) : region.points
    for (const { first, last } of points.toReversed()) {
      this.out.byte(BLOCK).byte(EMPTY)
      this.depth++
      this.#ways.push({ first, last, depth: this.depth })
    }
    if (isSharing) {
      this.#sharing = key + 1
      return
    }
    this.#jump()
    this.putBack(region.params)
  }

  /** Whether the first point is a block that begins right here, with nothing on the stack. */
  #sharesJump (key: number, { points, params }: Region): boolean {
    const { code: { ops, blocks }, loopChecks } = this.subject
    const [{ at, site }] = points as [Point]
    const op = ops[at]
    return site === undefined && at === key + 1 && (op === BLOCK || op === LOOP) && params.length === 0 &&
      (blocks.get(at)?.params.length ?? 0) === 0 && !loopChecks.has(key) && (loopChecks.get(at)?.rounds ?? 0) < 2
  }

  /** Whoever looks for a site in here has it in one of these ways; with one way only it is taken. */
  #jump (): void {
    const ways = this.#ways.toSorted((one, other) => one.first - other.first)
    this.#ways = []
    const { out } = this
    const [way] = ways as [Way]
    if (ways.length === 1) {
      out.byte(LOCAL_GET).u32(this.#pc).byte(BR_IF).u32(this.depth - way.depth)
      return
    }
    out.byte(BLOCK).byte(EMPTY).byte(LOCAL_GET).u32(this.#pc).byte(I32_CONST).s32(way.first).byte(I32_SUB)
    // Whoever looks for nothing is led to the end of this block, and starts from the beginning.
    out.byte(BR_TABLE).u32((ways.at(-1) as Way).last - way.first + 1)
    for (const { first, last, depth } of ways) {
      for (let pc = first; pc <= last; pc++) out.u32(this.depth + 1 - depth)
    }
    out.u32(0).byte(END)
  }

  protected override beforeBlock (at: number): void {
    const point = this.#blocks.get(at)
    if (point === undefined || at === this.#sharing) return
    const isIf = this.subject.code.ops[at] === IF
    this.takeOff(point.stack)
    this.#land()
    this.putBack(isIf ? point.stack.slice(0, -1) : point.stack)
    if (isIf) this.#chooseArm(at, point)
  }

  /** The condition: what it is, or that which leads to the site. */
  #chooseArm (at: number, { first, stack }: Point): void {
    const { out } = this
    const thenLast = this.subject.shape.regions.get(at)?.last ?? first - 1
    out.byte(LOCAL_GET).u32(this.#pc).byte(I32_CONST).s32(thenLast).byte(I32_LE_U)
    this.putBack(stack.slice(-1))
    out.byte(LOCAL_GET).u32(this.#pc).byte(SELECT)
  }

  #land (): void {
    this.out.byte(END)
    this.depth--
  }

  protected override beforeRounds (): void {
    const { out } = this
    out.byte(BLOCK).byte(EMPTY).byte(LOCAL_GET).u32(this.#pc).byte(BR_IF).byte(0)
    this.depth++
  }

  protected override afterSite (site: Site): void {
    const slots = [...site.ofBlock, ...site.results]
    this.takeOff(slots)
    this.#land()
    this.out.byte(I32_CONST).byte(0).byte(LOCAL_SET).u32(this.#pc)
    this.putBack(slots)
  }
}
