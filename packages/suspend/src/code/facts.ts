import type { Code } from './code.ts'
import { CALL, CALL_INDIRECT, LOOP } from '../binary/opcodes.ts'

/** What a function does that matters to those who call it. */
export interface Facts {
  /** How many instructions it has. */
  readonly size: number
  readonly loops: number
  /** The functions it calls, each as often as it does. */
  readonly calls: readonly number[]
  /** The types by which it calls through tables, each as often as it does. */
  readonly indirectCalls: readonly number[]
}

export function factsOf ({ ops, args }: Code): Facts {
  const calls: number[] = []
  const indirectCalls: number[] = []
  let loops = 0
  for (let at = 0; at < ops.length; at++) {
    const op = ops[at]
    if (op === CALL) calls.push(args[at] as number)
    else if (op === CALL_INDIRECT) indirectCalls.push(args[at] as number)
    else if (op === LOOP) loops++
  }
  return { size: ops.length, loops, calls, indirectCalls }
}
