import {
  CALL, F32_CONST, F32_REINTERPRET, F64_CONST, F64_REINTERPRET, I32_CONST, I32_REINTERPRET, I64_CONST, I64_REINTERPRET,
  LOCAL_GET, LOCAL_SET, REF_NULL
} from '../binary/opcodes.ts'
import { F32, F64, I32, I64, V128 } from '../binary/types.ts'
import type { Writer } from '../binary/writer.ts'
import { refuseReference } from '../code/shape.ts'
import { WORDS_MAX, type Layout } from '../layout.ts'

/** A local with a value to be kept. */
export interface Kept { readonly type: number, readonly local: number }

const NO_BYTES = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]

/** Code that pushes values as words and ends the frame: i32 last and many at once, for of these are the most. */
export function saveFrame (
  out: Writer, layout: Layout, values: readonly Kept[], pc: number, continuation: number
): void {
  for (const { type, local } of values) if (type !== I32) saveLocal(out, layout, type, local)
  let pending = 0
  for (const { type, local } of values) {
    if (type !== I32) continue
    if (pending === WORDS_MAX) {
      out.byte(CALL).u32(layout.pushWords(pending))
      pending = 0
    }
    out.byte(LOCAL_GET).u32(local)
    pending++
  }
  out.byte(I32_CONST).s32(pc).byte(I32_CONST).s32(continuation).byte(CALL).u32(layout.frameWords(pending))
}

/** Code that takes back what `saveFrame` has pushed. */
export function restoreFrame (out: Writer, layout: Layout, values: readonly Kept[]): void {
  for (let at = values.length - 1; at >= 0; at--) restoreIf(true, values[at] as Kept)
  for (let at = values.length - 1; at >= 0; at--) restoreIf(false, values[at] as Kept)

  function restoreIf (isWord: boolean, { type, local }: Kept): void {
    if ((type === I32) === isWord) restoreLocal(out, layout, type, local)
  }
}

export function saveLocal (out: Writer, layout: Layout, type: number, local: number): void {
  out.byte(LOCAL_GET).u32(local)
  if (type === V128) {
    out.byte(0xfd).u32(0x1d).byte(0).byte(CALL).u32(layout.push64)
    out.byte(LOCAL_GET).u32(local).byte(0xfd).u32(0x1d).byte(1).byte(CALL).u32(layout.push64)
  } else pushValue(out, layout, type)
}

export function restoreLocal (out: Writer, layout: Layout, type: number, local: number): void {
  popValue(out, layout, type)
  out.byte(LOCAL_SET).u32(local)
}

/** Pushes the value on top of the operand stack, which is no v128. */
export function pushValue (out: Writer, layout: Layout, type: number): void {
  refuseReference(type)
  if (type === F32) out.byte(I32_REINTERPRET)
  if (type === F64) out.byte(I64_REINTERPRET)
  out.byte(CALL).u32(type === I32 || type === F32 ? layout.imports.push : layout.push64)
}

/** Leaves the value on the operand stack. */
export function popValue (out: Writer, layout: Layout, type: number): void {
  refuseReference(type)
  if (type === V128) {
    pushZero(out, V128)
    for (const lane of [1, 0]) out.byte(CALL).u32(layout.pop64).byte(0xfd).u32(0x1e).byte(lane)
    return
  }
  out.byte(CALL).u32(type === I32 || type === F32 ? layout.imports.pop : layout.pop64)
  if (type === F32) out.byte(F32_REINTERPRET)
  if (type === F64) out.byte(F64_REINTERPRET)
}

/** Leaves a value of this type that nobody looks at. */
export function pushZero (out: Writer, type: number): void {
  switch (type) {
    case I32: out.byte(I32_CONST).byte(0); return
    case I64: out.byte(I64_CONST).byte(0); return
    case F32: case F64:
      out.byte(type === F32 ? F32_CONST : F64_CONST)
      for (const byte of NO_BYTES.slice(0, type === F32 ? 4 : 8)) out.byte(byte)
      return
    case V128:
      out.byte(0xfd).byte(0x0c)
      for (const byte of NO_BYTES) out.byte(byte)
      return
    default: out.byte(REF_NULL).byte(type)
  }
}
