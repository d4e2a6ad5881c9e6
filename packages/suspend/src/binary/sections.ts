import type { Element, Expression } from './module.ts'
import { Writer } from './writer.ts'

/** Puts a module together out of sections. */
export class ModuleWriter {
  readonly #out = new Writer(1 << 16)

  constructor () {
    for (const byte of [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]) this.#out.byte(byte)
  }

  section (number: number, contents: Uint8Array | undefined): this {
    if (contents !== undefined) this.#out.byte(number).sized(contents)
    return this
  }

  /** A section whose items are written one by one; left out when there are none. */
  listed<T> (number: number, items: readonly T[], write: (out: Writer, item: T) => void): this {
    if (items.length === 0) return this
    const out = new Writer()
    return this.section(number, out.list(items, item => { write(out, item) }).written)
  }

  custom (name: string, contents: Uint8Array): this {
    return this.section(0, new Writer().name(name).raw(contents).written)
  }

  get written (): Uint8Array {
    return this.#out.written
  }
}

/** Writes a constant expression in which functions have got other numbers. */
export function writeExpression (
  out: Writer, { bytes, functions }: Expression, indexOf: (index: number) => number
): void {
  let at = 0
  for (const { from, until, index } of functions) {
    out.copy(bytes, at, from).u32(indexOf(index))
    at = until
  }
  out.copy(bytes, at, bytes.length)
}

export function writeElement (out: Writer, element: Element, indexOf: (index: number) => number): void {
  const { mode, table, offset, type, functions, expressions } = element
  // An active segment that names its table has a type too, so the short forms are not needed.
  const flags = (mode === 0 ? 2 : mode === 1 ? 1 : 3) | (expressions === undefined ? 0 : 4)
  out.u32(flags)
  if (mode === 0) out.u32(table)
  if (offset !== undefined) writeExpression(out, offset, indexOf)
  out.byte(expressions === undefined ? 0 : type)
  if (functions !== undefined) out.list(functions, index => { out.u32(indexOf(index)) })
  if (expressions !== undefined) out.list(expressions, each => { writeExpression(out, each, indexOf) })
}
