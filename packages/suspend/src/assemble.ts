import type { Added } from './emit/helpers.ts'
import { FUNCTION, GLOBAL, MEMORY, TABLE, type Module } from './binary/module.ts'
import { END, I32_CONST } from './binary/opcodes.ts'
import { ModuleWriter, writeElement, writeExpression } from './binary/sections.ts'
import { FUNCREF, I32 } from './binary/types.ts'
import { Writer } from './binary/writer.ts'
import { IMPORTS, NAMESPACE, type Layout, type Types } from './layout.ts'

/** What there is to put into the instrumented module. */
export interface Parts {
  readonly module: Module
  readonly layout: Layout
  readonly types: Types
  /** Bodies of the module's own functions, and the continuations. */
  readonly bodies: readonly Uint8Array[]
  readonly continuations: readonly Uint8Array[]
  /** Functions that are called by others, and that are exported, by their names. */
  readonly helpers: readonly Added[]
  readonly exported: Readonly<Record<string, Added>>
  /** Tables that are part of a state; functions, by their original index, that may stand in tables. */
  readonly tables: readonly number[]
  readonly tableFunctions: readonly number[]
}

/** What is exported under this name. */
function ownName (name: string): string {
  return `${NAMESPACE}.${name}`
}

/** Puts the instrumented module together, without its description. */
export function assemble (parts: Parts): ModuleWriter {
  const { module, layout, types, bodies, continuations, helpers, exported } = parts
  const added = [...helpers, ...Object.values(exported)]
  const continuationType = types.indexOf({ params: [], results: [] })
  const functions = [
    ...module.functions.slice(module.importedFunctions.length), ...continuations.map(() => continuationType),
    ...added.map(({ type }) => types.indexOf(type))
  ]
  const imported = Object.values(IMPORTS).map(type => types.indexOf(type)) // before the types are written
  const out = new ModuleWriter()
  out.listed(1, types.list, (to, { params, results }) => {
    to.byte(0x60).list(params, type => { to.byte(type) }).list(results, type => { to.byte(type) })
  })
  out.section(2, importSection(module, imported))
  out.listed(3, functions, (to, type) => { to.u32(type) })
  out.section(4, tableSection(parts))
  out.section(5, module.sections.get(5))
  out.section(6, globalSection(module, layout))
  out.section(7, exportSection(parts))
  out.section(9, elementSection(parts))
  out.section(12, module.sections.get(12))
  out.listed(10, [...bodies, ...continuations, ...added.map(({ body }) => body)], (to, body) => { to.sized(body) })
  return out.section(11, module.sections.get(11))
}

// The new imports come after all others: those keep their numbers.
function importSection ({ imports }: Module, added: readonly number[]): Uint8Array {
  const out = new Writer()
  out.u32(imports.length + added.length)
  for (const { module, name, kind, description } of imports) out.name(module).name(name).byte(kind).raw(description)
  for (const [nth, name] of Object.keys(IMPORTS).entries()) {
    out.name(NAMESPACE).name(name).byte(FUNCTION).u32(added[nth] as number)
  }
  return out.written
}

/** After a section's count was raised, its old contents follow without theirs. */
function extended (section: Uint8Array | undefined, count: number, more: number): Writer {
  const out = new Writer().u32(count + more)
  if (section === undefined) return out
  let at = 0
  while ((section[at++] as number) >= 0x80) { /* the old count */ }
  return out.raw(section.subarray(at))
}

function tableSection ({ module, continuations, tables, tableFunctions }: Parts): Uint8Array {
  const sizes = [continuations.length, ...tables.length > 0 ? [tableFunctions.length] : []]
  const defined = module.tables.filter(({ isImported }) => !isImported).length
  const out = extended(module.sections.get(4), defined, sizes.length)
  for (const size of sizes) out.byte(FUNCREF).byte(1).u32(size).u32(size)
  return out.written
}

function globalSection ({ globals, importedGlobals }: Module, layout: Layout): Uint8Array {
  const own = globals.slice(importedGlobals)
  const added = 2 + layout.droppedData.size + layout.droppedElements.size
  const out = new Writer().u32(own.length + added)
  for (const { type, isMutable, init } of own) {
    out.byte(type).byte(isMutable ? 1 : 0)
    if (init !== undefined) writeExpression(out, init, index => layout.indexOf(index))
  }
  for (let count = 0; count < added; count++) out.byte(I32).byte(1).byte(I32_CONST).byte(0).byte(END)
  return out.written
}

function exportSection ({ module, layout, exported, tables }: Parts): Uint8Array {
  const added: Array<[name: string, kind: number, index: number]> = [
    ['state', GLOBAL, layout.state], ['fuel', GLOBAL, layout.fuel],
    ...Object.keys(exported).map((name, nth): [string, number, number] => [name, FUNCTION, layout.exported + nth]),
    ...module.memories > 0 ? [['memory', MEMORY, 0] as [string, number, number]] : [],
    ...tables.map((table, nth): [string, number, number] => [`table.${nth}`, TABLE, table])
  ]
  if (tables.length > 0) added.push(['functions', TABLE, layout.continuations + 1])
  if (module.start !== undefined) added.push(['start', FUNCTION, layout.indexOf(module.start)])
  const out = new Writer().u32(module.exports.length + added.length)
  for (const { name, kind, index } of module.exports) {
    out.name(name).byte(kind).u32(kind === FUNCTION ? layout.indexOf(index) : index)
  }
  for (const [name, kind, index] of added) out.name(ownName(name)).byte(kind).u32(index)
  return out.written
}

function elementSection ({ module, layout, continuations, tables, tableFunctions }: Parts): Uint8Array {
  const indexOf = (index: number): number => layout.indexOf(index)
  const out = new Writer().u32(module.elements.length + 1 + (tables.length > 0 ? 1 : 0))
  for (const element of module.elements) writeElement(out, element, indexOf)
  const first = layout.push64 - continuations.length
  fill(out, layout.continuations, continuations.map((_, nth) => first + nth))
  if (tables.length > 0) fill(out, layout.continuations + 1, tableFunctions.map(indexOf))
  return out.written
}

/** A segment that fills a table from its beginning. */
function fill (out: Writer, table: number, functions: readonly number[]): void {
  out.u32(2).u32(table).byte(I32_CONST).byte(0).byte(END).byte(0).list(functions, index => { out.u32(index) })
}
