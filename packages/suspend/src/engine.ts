/**
 * What of the engine's own WebAssembly is used. TypeScript knows it only together with all that browsers have, so what
 * there is of it is said here; it is the same in every engine.
 */
declare global {
  namespace WebAssembly {
    class Module {
      constructor (bytes: Uint8Array)
      static customSections (module: Module, name: string): ArrayBuffer[]
      static imports (module: Module): ImportDescription[]
      static exports (module: Module): ExportDescription[]
    }
    class Instance {
      constructor (module: Module, imports?: Imports)
      readonly exports: Readonly<Record<string, unknown>>
    }
    class Memory {
      constructor (description: { initial: number, maximum?: number })
      readonly buffer: ArrayBuffer
      grow (pages: number): number
    }
    class Global {
      constructor (description: { value: string, mutable?: boolean }, value?: unknown)
      value: unknown
    }
    class Table {
      constructor (description: { element: string, initial: number, maximum?: number }, value?: unknown)
      readonly length: number
      get (at: number): unknown
      set (at: number, value?: unknown): void
      grow (by: number): number
    }
    class RuntimeError extends Error {}
    class CompileError extends Error {}
    class LinkError extends Error {}
    interface ExportDescription { name: string, kind: 'function' | 'table' | 'memory' | 'global' }
    interface ImportDescription extends ExportDescription { module: string }
    type Imports = Readonly<Record<string, Readonly<Record<string, unknown>>>>
    function validate (bytes: Uint8Array): boolean
  }
}

/** What an export or import of a module takes and gives; i64 is a bigint, every other number a number. */
export type Value = number | bigint

/** Pages are what memories grow by. */
export const PAGE_BYTES = 65_536
