import type { Code } from './code.ts'
import {
  BLOCK, BR, BR_IF, BR_TABLE, CALL, CALL_INDIRECT, ELSE, END, IF, LOOP, RETURN, UNREACHABLE
} from '../binary/opcodes.ts'

const ROUNDS_MAX = 256

/** What one round of a loop, or one call, takes at most: the larger it is, the less of it is done each time. */
export const FUEL_MAX = 100

/**
 * When a loop looks at the fuel, and how much it takes then, about one for each instruction: in every round (`rounds`
 * 1), or once in so many, counted in a local.
 */
export interface LoopCheck { readonly fuel: number, readonly rounds: number }

export interface LoopInput {
  /** Whether the call at this index may suspend. */
  readonly maySuspend: (at: number) => boolean
  /** Whether the function looks at the fuel when it is entered. */
  readonly isChecked: (index: number) => boolean
  /** How many instructions the call at this index may run without a look. */
  readonly costOf: (at: number) => number
  /** About so many instructions may a loop run between two looks. */
  readonly uncheckedMax: number
}

/** `cost`: of what is called in it. */
interface OpenLoop { readonly at: number, size: number, cost: number, isPlain: boolean }

/**
 * The loops that look at the fuel, by their index. Those within which nothing else can suspend count rounds; a loop
 * that comes to another look in any case needs none of its own.
 */
export function checkLoops (code: Code, input: LoopInput): Map<number, LoopCheck> {
  const checks = new Map<number, LoopCheck>()
  for (const loop of loopsOf(code, input)) {
    const fuel = Math.min(loop.size, FUEL_MAX)
    const isPlain = loop.isPlain && !code.blocks.get(loop.at)?.params.length
    const affordable = Math.floor(input.uncheckedMax / (loop.size + loop.cost))
    const rounds = isPlain ? Math.max(1, Math.min(ROUNDS_MAX, affordable)) : 1
    if (rounds > 1 || !reachesCheck(code, loop.at, checks, input)) {
      checks.set(loop.at, { fuel: fuel * rounds, rounds })
    }
  }
  return checks
}

/** All loops, inner ones first. */
function loopsOf ({ ops, labels }: Code, { costOf, maySuspend }: LoopInput): OpenLoop[] {
  const found: OpenLoop[] = []
  const loops: OpenLoop[] = []
  const blocks: Array<OpenLoop | undefined> = []
  for (let at = 0; at < ops.length; at++) {
    const op = ops[at] as number
    const inner = loops.at(-1)
    if (inner !== undefined) inner.size++
    switch (op) {
      case BLOCK: case IF: blocks.push(undefined); break
      case LOOP: {
        if (inner !== undefined) inner.isPlain = false
        const loop = { at, size: 1, cost: 0, isPlain: true }
        loops.push(loop)
        blocks.push(loop)
        break
      }
      case END:
        if (blocks.pop() !== undefined) found.push(loops.pop() as OpenLoop)
        break
      case BR_TABLE:
        for (const label of new Set(labels.get(at))) {
          const target = blocks[blocks.length - 1 - label]
          if (target !== undefined) target.isPlain = false
        }
        break
      case CALL: case CALL_INDIRECT:
        if (inner === undefined) break
        inner.cost += costOf(at)
        if (maySuspend(at)) inner.isPlain = false
        break
    }
  }
  return found
}

/** Whether whoever enters the loop at this index comes to a look at the fuel, whatever happens. */
function reachesCheck (
  { ops, args }: Code, loop: number, checks: Map<number, LoopCheck>, { isChecked }: LoopInput
): boolean {
  for (let at = loop + 1; ; at++) {
    switch (ops[at]) {
      case LOOP:
        if (checks.get(at)?.rounds === 1) return true
        break
      case CALL:
        if (isChecked(args[at] as number)) return true
        break
      case IF: case ELSE: case END: case BR: case BR_IF: case BR_TABLE: case RETURN: case UNREACHABLE: return false
    }
  }
}
