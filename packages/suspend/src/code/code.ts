import type { Body, Module } from '../binary/module.ts'
import { readValueType } from '../binary/module.ts'
import { passImmediates, readOpcode } from '../binary/instructions.ts'
import {
  BLOCK, BR, BR_IF, BR_TABLE, CALL, CALL_INDIRECT, DATA_DROP, ELEM_DROP, ELSE, END, GLOBAL_GET, GLOBAL_SET, IF,
  IMMEDIATES, LOCAL_GET, LOCAL_SET, LOCAL_TEE, LOOP, NUMBER, REF_FUNC, REF_NULL, RETURN, SELECT_TYPED, SPECIAL,
  TABLE_GET, TABLE_SET, UNREACHABLE
} from '../binary/opcodes.ts'
import { Reader } from '../binary/reader.ts'
import { NOTHING, type FunctionType } from '../binary/types.ts'
import { checkLimit, type Limits } from '../limits.ts'

/** A function's code, one instruction at each index; what can never be reached is left out. */
export interface Code {
  /** The module's; `from` and `until` are places in it. */
  readonly bytes: Uint8Array
  readonly type: FunctionType
  /** Types of all locals, the parameters first. */
  readonly locals: readonly number[]
  readonly ops: Uint16Array
  readonly from: Uint32Array
  readonly until: Uint32Array
  /**
   * The one number that matters of what follows an opcode: of a local, a function, a type, a label (how many blocks
   * out), a segment. Of block, loop and if: the index of the end; of else and end: that of what they belong to, -1 the
   * function.
   */
  readonly args: Int32Array
  /** Tables of indirect calls; labels of br_table. By index. */
  readonly tables: ReadonlyMap<number, number>
  readonly labels: ReadonlyMap<number, readonly number[]>
  /** Types of blocks that take or give something, and of typed selects and references; by index. */
  readonly blocks: ReadonlyMap<number, FunctionType>
  readonly valueTypes: ReadonlyMap<number, number>
  /** The index of the else of an if that has one. */
  readonly elses: ReadonlyMap<number, number>
}

/** Reads the code of a valid function; throws Unsupported for what is not known, ENOEXEC beyond the limits. */
export function readCode ({ bytes, types }: Module, type: FunctionType, body: Body, limits: Limits): Code {
  const reader = new Reader(bytes, body.from)
  const locals = readLocals(reader, type, limits.localsMax)
  // An instruction has one byte at least.
  const most = body.until - reader.at
  const ops = new Uint16Array(most)
  const from = new Uint32Array(most)
  const until = new Uint32Array(most)
  const args = new Int32Array(most)
  let at = 0
  const code = {
    tables: new Map<number, number>(), labels: new Map<number, number[]>(), blocks: new Map<number, FunctionType>(),
    valueTypes: new Map<number, number>(), elses: new Map<number, number>()
  }
  const open: number[] = [-1]
  while (open.length > 0) {
    from[at] = reader.at
    const op = readOpcode(reader)
    let arg = 0
    switch (op) {
      case BLOCK: case LOOP: case IF: {
        const block = readBlockType(reader, types)
        if (block !== NOTHING) code.blocks.set(at, block)
        open.push(at)
        checkLimit('blocks within blocks', open.length, limits.nestingMax)
        break
      }
      case ELSE:
        arg = open.at(-1) as number
        code.elses.set(arg, at)
        break
      case END:
        arg = open.pop() as number
        if (arg >= 0) args[arg] = at
        break
      case BR_TABLE: {
        const labels = reader.list(() => reader.u32())
        labels.push(reader.u32())
        code.labels.set(at, labels)
        break
      }
      case CALL_INDIRECT:
        arg = reader.u32()
        code.tables.set(at, reader.u32())
        break
      case SELECT_TYPED:
        code.valueTypes.set(at, reader.list(() => readValueType(reader))[0] as number)
        break
      case REF_NULL: code.valueTypes.set(at, readValueType(reader)); break
      case DATA_DROP: case ELEM_DROP: case BR: case BR_IF: case CALL: case LOCAL_GET: case LOCAL_SET: case LOCAL_TEE:
      case GLOBAL_GET: case GLOBAL_SET: case TABLE_GET: case TABLE_SET: case REF_FUNC: arg = reader.u32(); break
      default:
        if (IMMEDIATES[op] === NUMBER && op >= 0xfc00) arg = reader.u32()
        else if (IMMEDIATES[op] !== SPECIAL) passImmediates(op, reader)
    }
    ops[at] = op
    args[at] = arg
    until[at++] = reader.at
    if (op === BR || op === BR_TABLE || op === RETURN || op === UNREACHABLE) passUnreachable(reader)
  }
  return {
    bytes, type, locals, ops: ops.subarray(0, at), from: from.subarray(0, at), until: until.subarray(0, at),
    args: args.subarray(0, at), ...code
  }
}

function readLocals (reader: Reader, { params }: FunctionType, localsMax: number): number[] {
  const locals = [...params]
  for (let runs = reader.u32(); runs > 0; runs--) {
    const count = reader.u32()
    const type = readValueType(reader)
    checkLimit('locals in one function', locals.length + count, localsMax)
    for (let at = 0; at < count; at++) locals.push(type)
  }
  return locals
}

function readBlockType (reader: Reader, types: readonly FunctionType[]): FunctionType {
  const number = reader.s33()
  if (number === -64) return NOTHING
  if (number >= 0) return types[number] as FunctionType
  reader.at--
  return { params: [], results: [readValueType(reader)] }
}

/** Goes on to the else or end that belongs to the block which has just been left. */
function passUnreachable (reader: Reader): void {
  for (let depth = 0; ;) {
    const from = reader.at
    const op = readOpcode(reader)
    if (depth === 0 && (op === ELSE || op === END)) {
      reader.at = from
      return
    }
    switch (op) {
      case BLOCK: case LOOP: case IF: reader.s33(); depth++; break
      case END: depth--; break
      case BR_TABLE: reader.list(() => reader.u32()); reader.u32(); break
      case CALL_INDIRECT: reader.u32(); reader.u32(); break
      case SELECT_TYPED: reader.list(() => readValueType(reader)); break
      case REF_NULL: readValueType(reader); break
      case BR: case BR_IF: case CALL: case LOCAL_GET: case LOCAL_SET: case LOCAL_TEE: case GLOBAL_GET: case GLOBAL_SET:
      case TABLE_GET: case TABLE_SET: case REF_FUNC: reader.skipNumber(); break
      default: if (IMMEDIATES[op] !== SPECIAL) passImmediates(op, reader)
    }
  }
}
