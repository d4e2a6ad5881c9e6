import { Unsupported } from '../unsupported.ts'
import { ELSE, END, GLOBAL_GET, I32_CONST, IMMEDIATES, REF_FUNC, REF_NULL } from './opcodes.ts'
import { passImmediates, readOpcode } from './instructions.ts'
import { Reader } from './reader.ts'
import { FUNCREF, isKnownType, nameOfType, type FunctionType } from './types.ts'

export const FUNCTION = 0
export const TABLE = 1
export const MEMORY = 2
export const GLOBAL = 3

/** `description` is what follows the kind, as bytes; `type` is a function's, by its number. */
export interface Import {
  readonly module: string
  readonly name: string
  readonly kind: number
  readonly type: number
  readonly description: Uint8Array
}

export interface Export { readonly name: string, readonly kind: number, readonly index: number }

export interface Global { readonly type: number, readonly isMutable: boolean, readonly init: Expression | undefined }

export interface Table { readonly type: number, readonly entries: number, readonly isImported: boolean }

/** A constant expression: its bytes, and where in them functions are named. */
export interface Expression { readonly bytes: Uint8Array, readonly functions: readonly NamedFunction[] }

export interface NamedFunction { readonly from: number, readonly until: number, readonly index: number }

/** `mode`: 0 active, 1 passive, 2 declared only. */
export interface Element {
  readonly mode: number
  readonly table: number
  readonly offset: Expression | undefined
  readonly type: number
  readonly functions: readonly number[] | undefined
  readonly expressions: readonly Expression[] | undefined
}

/** Where in the module's bytes the locals and the instructions of a function are. */
export interface Body { readonly from: number, readonly until: number }

/** A module taken apart as far as the transform must know it; the rest stays bytes. */
export interface Module {
  readonly bytes: Uint8Array
  readonly types: FunctionType[]
  readonly imports: readonly Import[]
  /** Types of all functions by their index, imported ones first. */
  readonly functions: readonly number[]
  readonly importedFunctions: readonly Import[]
  readonly globals: readonly Global[]
  readonly importedGlobals: number
  readonly tables: readonly Table[]
  readonly memories: number
  readonly exports: readonly Export[]
  readonly start: number | undefined
  readonly elements: readonly Element[]
  readonly dataSegments: number
  readonly bodies: readonly Body[]
  /** The contents of sections that are passed on as they are, by their number. */
  readonly sections: ReadonlyMap<number, Uint8Array>
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** Takes a valid module apart; throws Unsupported for what the transform does not know. */
export function readModule (bytes: Uint8Array): Module {
  const module: Mutable<Module> & { sections: Map<number, Uint8Array> } = {
    bytes, types: [], imports: [], functions: [], importedFunctions: [], globals: [], importedGlobals: 0, tables: [],
    memories: 0, exports: [], start: undefined, elements: [], dataSegments: 0, bodies: [], sections: new Map()
  }
  const reader = new Reader(bytes, 8)
  while (reader.at < bytes.length) {
    const number = reader.byte()
    const size = reader.u32()
    const end = reader.at + size
    module.sections.set(number, bytes.subarray(reader.at, end))
    readSection(number, reader, module)
    reader.at = end
  }
  if (module.memories > 1) throw new Unsupported('it has more than one memory')
  return module
}

function readSection (number: number, reader: Reader, module: Mutable<Module>): void {
  switch (number) {
    case 1: module.types = reader.list(() => readType(reader)); return
    case 2: readImports(reader, module); return
    case 3: module.functions = [...module.functions, ...reader.list(() => reader.u32())]; return
    case 4: module.tables = [...module.tables, ...reader.list(() => readTable(reader, false))]; return
    case 5: module.memories += reader.list(() => { readMemory(reader) }).length; return
    case 6: module.globals = [...module.globals, ...reader.list(() => readGlobal(reader, true))]; return
    case 7: module.exports = reader.list(() => ({ name: reader.name(), kind: reader.byte(), index: reader.u32() }))
      return
    case 8: module.start = reader.u32(); return
    case 9: module.elements = reader.list(() => readElement(reader)); return
    case 10: module.bodies = reader.list(() => readBody(reader)); return
    case 11: module.dataSegments = reader.u32(); return
    case 0: case 12: return
    case 13: throw new Unsupported('it has tags of exceptions')
    default: throw new Unsupported(`it has a section ${number}, which is not known`)
  }
}

function readType (reader: Reader): FunctionType {
  const form = reader.byte()
  if (form !== 0x60) throw new Unsupported('it has types that are no functions')
  return { params: reader.list(() => readValueType(reader)), results: reader.list(() => readValueType(reader)) }
}

export function readValueType (reader: Reader): number {
  const type = reader.byte()
  if (!isKnownType(type)) throw new Unsupported(`it has values of ${nameOfType(type)}, which is not known`)
  return type
}

function readImports (reader: Reader, module: Mutable<Module>): void {
  const functions: number[] = []
  const globals: Global[] = []
  const tables: Table[] = []
  module.imports = reader.list(() => {
    const from = { module: reader.name(), name: reader.name(), kind: reader.byte() }
    const start = reader.at
    let type = 0
    switch (from.kind) {
      case FUNCTION: type = reader.u32(); functions.push(type); break
      case TABLE: tables.push(readTable(reader, true)); break
      case MEMORY: readMemory(reader); module.memories++; break
      case GLOBAL: globals.push(readGlobal(reader, false)); break
      default: throw new Unsupported('it imports tags of exceptions')
    }
    return { ...from, type, description: reader.bytes.subarray(start, reader.at) }
  })
  module.importedFunctions = module.imports.filter(({ kind }) => kind === FUNCTION)
  module.functions = functions
  module.globals = globals
  module.importedGlobals = globals.length
  module.tables = tables
}

function readTable (reader: Reader, isImported: boolean): Table {
  const type = readValueType(reader)
  return { type, entries: readLimits(reader).least, isImported }
}

function readMemory (reader: Reader): void {
  const { flags } = readLimits(reader)
  if ((flags & 2) !== 0) throw new Unsupported('its memory is shared between threads')
  if ((flags & 4) !== 0) throw new Unsupported('its memory has 64-bit addresses')
}

function readLimits (reader: Reader): { flags: number, least: number } {
  const flags = reader.byte()
  const least = reader.u32()
  if ((flags & 1) !== 0) reader.skipNumber()
  return { flags, least }
}

function readGlobal (reader: Reader, isDefined: boolean): Global {
  const type = readValueType(reader)
  const isMutable = reader.byte() === 1
  return { type, isMutable, init: isDefined ? readExpression(reader) : undefined }
}

function readExpression (reader: Reader): Expression {
  const from = reader.at
  const functions: NamedFunction[] = []
  for (let depth = 0; depth >= 0;) {
    const code = readOpcode(reader)
    const start = reader.at
    if (code === END) depth--
    else if (code === REF_FUNC) functions.push({ from: start - from, index: reader.u32(), until: reader.at - from })
    else if (code === GLOBAL_GET) reader.skipNumber()
    else if (code === REF_NULL) readValueType(reader)
    else if (code < I32_CONST || code === ELSE || IMMEDIATES[code] === 0) {
      throw new Unsupported('it has constants that are computed in a way that is not known')
    } else passImmediates(code, reader)
  }
  return { bytes: reader.bytes.subarray(from, reader.at), functions }
}

// https://webassembly.github.io/spec/core/binary/modules.html#element-section
function readElement (reader: Reader): Element {
  const flags = reader.u32()
  const isActive = (flags & 1) === 0
  const hasTable = isActive && (flags & 2) !== 0
  const mode = isActive ? 0 : (flags & 2) === 0 ? 1 : 2
  const table = hasTable ? reader.u32() : 0
  const offset = isActive ? readExpression(reader) : undefined
  const hasExpressions = (flags & 4) !== 0
  let type = FUNCREF
  if ((flags & 3) !== 0) {
    if (hasExpressions) type = readValueType(reader)
    else reader.byte()
  }
  return {
    mode, table, offset, type,
    functions: hasExpressions ? undefined : reader.list(() => reader.u32()),
    expressions: hasExpressions ? reader.list(() => readExpression(reader)) : undefined
  }
}

function readBody (reader: Reader): Body {
  const size = reader.u32()
  const from = reader.at
  reader.at += size
  return { from, until: reader.at }
}
