import type { Code } from './code.ts'
import {
  BLOCK, BR, BR_IF, BR_TABLE, CALL, CALL_INDIRECT, ELSE, END, IF, LOCAL_GET, LOCAL_SET, LOCAL_TEE, LOOP, RETURN,
  UNREACHABLE
} from '../binary/opcodes.ts'

/** After so many passes, which takes nests of loops that deep, every local counts as live. */
const PASSES_MAX = 12

/**
 * The locals that are live, which is to say may be read before they are written, right after each of the instructions
 * asked for; at a loop, whenever its head is reached; at -1, on entry. By index, in rising order.
 * Backward data flow over the blocks, repeated until the heads of loops are as was assumed.
 */
export function liveLocals (code: Code, wanted: ReadonlySet<number>): Map<number, number[]> {
  const heads = new Map<number, Uint32Array>()
  const words = Math.ceil(code.locals.length / 32)
  if (code.ops.includes(LOOP)) settle(code, words, heads)
  const found = new Map<number, number[]>()
  pass(code, words, heads, wanted, (at, live) => { found.set(at, membersOf(live, code.locals.length)) })
  return found
}

/** Repeats passes until the heads of loops are right; if that takes too long, everything counts as live there. */
function settle (code: Code, words: number, heads: Map<number, Uint32Array>): void {
  for (let passes = 0; passes < PASSES_MAX; passes++) {
    if (!pass(code, words, heads, undefined, undefined)) return
  }
  for (const head of heads.values()) head.fill(0xffff_ffff)
}

/** True: a loop's head has more than was assumed. */
function pass (
  { ops, args, labels, elses }: Code, words: number, heads: Map<number, Uint32Array>,
  wanted: ReadonlySet<number> | undefined, tell: ((at: number, live: Uint32Array) => void) | undefined
): boolean {
  let grew = false
  const live = new Uint32Array(words)
  /** What is live where a branch to the block leads, innermost last; and at an else. */
  const targets: Uint32Array[] = []
  const atElse: Uint32Array[] = []
  for (let at = ops.length - 1; at >= 0; at--) {
    const op = ops[at] as number
    const arg = args[at] as number
    switch (op) {
      case CALL: case CALL_INDIRECT:
        if (wanted?.has(at) === true) tell?.(at, live)
        break
      case LOCAL_GET: live[arg >> 5] = (live[arg >> 5] as number) | 1 << (arg & 31); break
      case LOCAL_SET: case LOCAL_TEE: live[arg >> 5] = (live[arg >> 5] as number) & ~(1 << (arg & 31)); break
      case END: targets.push(arg >= 0 && ops[arg] === LOOP ? headOf(heads, arg, words) : live.slice()); break
      case ELSE:
        atElse.push(live.slice())
        live.set(targets.at(-1) as Uint32Array)
        break
      case IF: {
        const target = targets.pop() as Uint32Array
        join(live, elses.has(at) ? atElse.pop() as Uint32Array : target)
        break
      }
      case BLOCK: targets.pop(); break
      case LOOP:
        targets.pop()
        grew = join(headOf(heads, at, words), live) || grew
        if (wanted?.has(at) === true) tell?.(at, headOf(heads, at, words))
        break
      case BR: live.set(targets[targets.length - 1 - arg] as Uint32Array); break
      case BR_IF: join(live, targets[targets.length - 1 - arg] as Uint32Array); break
      case BR_TABLE:
        live.fill(0)
        for (const label of new Set(labels.get(at))) join(live, targets[targets.length - 1 - label] as Uint32Array)
        break
      case RETURN: case UNREACHABLE: live.fill(0); break
    }
  }
  if (wanted?.has(-1) === true) tell?.(-1, live)
  return grew
}

function headOf (heads: Map<number, Uint32Array>, at: number, words: number): Uint32Array {
  let head = heads.get(at)
  if (head === undefined) heads.set(at, head = new Uint32Array(words))
  return head
}

/** True: `into` has grown. */
function join (into: Uint32Array, from: Uint32Array): boolean {
  let grew = 0
  for (let at = 0; at < into.length; at++) {
    const before = into[at] as number
    const after = before | from[at] as number
    grew |= before ^ after
    into[at] = after
  }
  return grew !== 0
}

function membersOf (set: Uint32Array, count: number): number[] {
  const members: number[] = []
  for (let at = 0; at < count; at++) if ((set[at >> 5] as number) >>> (at & 31) & 1) members.push(at)
  return members
}
