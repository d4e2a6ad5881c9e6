import {
  CALL, CALL_INDIRECT, DATA_DROP, ELEM_DROP, END, GLOBAL_GET, GLOBAL_SET, I32_WRAP, I64_CONST, I64_EXTEND_U, I64_OR,
  I64_SHL, I64_SHR_U, IF, LOCAL_GET
} from '../binary/opcodes.ts'
import { I32, I64, NOTHING, V128, type FunctionType } from '../binary/types.ts'
import { Writer } from '../binary/writer.ts'
import { WORDS_MAX, type Layout } from '../layout.ts'
import { EMPTY } from './copy.ts'
import { popValue, pushValue } from './frames.ts'

/** A function that the module did not have. */
export interface Added { readonly type: FunctionType, readonly body: Uint8Array }

const NO_LOCALS = 0

/** Functions that push and pop what one import cannot, in the order of `Layout`. */
export function wordHelpers (layout: Layout): Added[] {
  const counts = Array.from({ length: WORDS_MAX }, (_, at) => at + 1)
  return [
    { type: { params: [I64], results: [] }, body: push64(layout) },
    { type: { params: [], results: [I64] }, body: pop64(layout) },
    ...counts.slice(1).map(count => takingWords(count, pushAll(layout, count).byte(END).written)),
    ...counts.map(count => takingWords(count + 2, frame(layout, count)))
  ]
}

/** Goes on with the frame whose continuation has this number. */
export function resumer (layout: Layout): Added {
  const body = new Writer().byte(NO_LOCALS).byte(LOCAL_GET).byte(0).byte(CALL_INDIRECT).u32(layout.typeOf(NOTHING))
  return { type: { params: [I32], results: [] }, body: body.u32(layout.continuations).byte(END).written }
}

/** A variable of the module: a global's number and type. */
export interface Variable { readonly index: number, readonly type: number }

/** Push all variables, and pop them again; then segments are dropped that were. */
export function variableHelpers (layout: Layout, variables: readonly Variable[]): [save: Added, load: Added] {
  const save = new Writer().byte(NO_LOCALS)
  for (const { index, type } of variables) {
    for (const lane of type === V128 ? [0, 1] : [-1]) {
      save.byte(GLOBAL_GET).u32(index)
      if (lane >= 0) save.byte(0xfd).u32(0x1d).byte(lane)
      pushValue(save, layout, lane < 0 ? type : I64)
    }
  }
  const load = new Writer().byte(NO_LOCALS)
  for (const { index, type } of variables.toReversed()) {
    popValue(load, layout, type)
    load.byte(GLOBAL_SET).u32(index)
  }
  for (const [op, segments] of [[DATA_DROP, layout.droppedData], [ELEM_DROP, layout.droppedElements]] as const) {
    for (const [segment, noted] of segments) {
      load.byte(GLOBAL_GET).u32(noted).byte(IF).byte(EMPTY).byte(0xfc).u32(op & 0xff).u32(segment).byte(END)
    }
  }
  return [{ type: NOTHING, body: save.byte(END).written }, { type: NOTHING, body: load.byte(END).written }]
}

function takingWords (count: number, body: Uint8Array): Added {
  return { type: { params: Array.from({ length: count }, () => I32), results: [] }, body }
}

function pushAll (layout: Layout, count: number): Writer {
  const body = new Writer().byte(NO_LOCALS)
  for (let at = 0; at < count; at++) body.byte(LOCAL_GET).u32(at).byte(CALL).u32(layout.imports.push)
  return body
}

function frame (layout: Layout, count: number): Uint8Array {
  return pushAll(layout, count).byte(LOCAL_GET).u32(count).byte(LOCAL_GET).u32(count + 1)
    .byte(CALL).u32(layout.imports.frame).byte(END).written
}

function push64 ({ imports: { push } }: Layout): Uint8Array {
  return new Writer().byte(NO_LOCALS).byte(LOCAL_GET).byte(0).byte(I32_WRAP).byte(CALL).u32(push)
    .byte(LOCAL_GET).byte(0).byte(I64_CONST).byte(32).byte(I64_SHR_U).byte(I32_WRAP).byte(CALL).u32(push)
    .byte(END).written
}

function pop64 ({ imports: { pop } }: Layout): Uint8Array {
  return new Writer().byte(NO_LOCALS).byte(CALL).u32(pop).byte(I64_EXTEND_U).byte(I64_CONST).byte(32).byte(I64_SHL)
    .byte(CALL).u32(pop).byte(I64_EXTEND_U).byte(I64_OR).byte(END).written
}
