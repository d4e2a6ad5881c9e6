import type { Code } from './code.ts'
import {
  CALL, CALL_INDIRECT, DATA_DROP, ELEM_DROP, GLOBAL_SET, LOOP, REF_FUNC, TABLE_COPY, TABLE_FILL, TABLE_GROW, TABLE_INIT,
  TABLE_SET
} from '../binary/opcodes.ts'

/** What a function does that matters beyond itself. */
export interface Facts {
  /** How many instructions it has. */
  readonly size: number
  readonly loops: number
  /** The functions it calls, each as often as it does. */
  readonly calls: readonly number[]
  /** The types by which it calls through tables, each as often as it does. */
  readonly indirectCalls: readonly number[]
  /** The functions it makes references of. */
  readonly references: readonly number[]
  /** The tables it writes to; -1: it may be any. */
  readonly changedTables: readonly number[]
  readonly writtenGlobals: readonly number[]
  readonly droppedData: readonly number[]
  readonly droppedElements: readonly number[]
}

export function factsOf ({ ops, args }: Code): Facts {
  const found = {
    calls: [] as number[], indirectCalls: [] as number[], references: [] as number[], changedTables: [] as number[],
    writtenGlobals: [] as number[], droppedData: [] as number[], droppedElements: [] as number[]
  }
  let loops = 0
  for (let at = 0; at < ops.length; at++) {
    const arg = args[at] as number
    switch (ops[at]) {
      case CALL: found.calls.push(arg); break
      case CALL_INDIRECT: found.indirectCalls.push(arg); break
      case LOOP: loops++; break
      case REF_FUNC: found.references.push(arg); break
      case GLOBAL_SET: found.writtenGlobals.push(arg); break
      case TABLE_SET: case TABLE_GROW: case TABLE_FILL: found.changedTables.push(arg); break
      case TABLE_INIT: case TABLE_COPY: found.changedTables.push(-1); break // which it is, is not worth reading
      case DATA_DROP: found.droppedData.push(arg); break
      case ELEM_DROP: found.droppedElements.push(arg); break
    }
  }
  return { size: ops.length, loops, ...found }
}
