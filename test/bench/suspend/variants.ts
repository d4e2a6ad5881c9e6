import { Guest, makeSuspendable } from '@welkin/suspend'
import { optional } from './optional.ts'

/** Between two questions of the fuel. */
const QUANTUM = 1_000_000

/** A module made into something that can be instantiated, and how long that took. */
export interface Variant {
  readonly ms: number
  readonly bytes: number
  instantiate (imports: WebAssembly.Imports): Instance
}

export interface Instance { readonly exports: Readonly<Record<string, unknown>> }

export type Make = (bytes: Uint8Array) => Variant

const suspendable = (points: 'calls' | 'anywhere'): Make => bytes => timed(
  () => makeSuspendable(bytes, { points, suspendingImports: () => true }).module,
  (module, imports) => new Guest(module, imports, { refuel: () => QUANTUM }))

export const MAKES: Readonly<Record<'plain' | 'calls' | 'anywhere', Make>> = {
  plain: bytes => timed(() => bytes, (module, imports) => new WebAssembly.Instance(module, imports)),
  calls: suspendable('calls'),
  anywhere: suspendable('anywhere')
}

function timed (
  make: () => Uint8Array, open: (module: WebAssembly.Module, imports: WebAssembly.Imports) => Instance
): Variant {
  const startedMs = performance.now()
  const bytes = make()
  const ms = performance.now() - startedMs
  const module = new WebAssembly.Module(bytes)
  return { ms, bytes: bytes.length, instantiate: imports => open(module, imports) }
}

interface Binaryen {
  readBinary (bytes: Uint8Array): {
    setFeatures (features: number): void, runPasses (passes: string[]): void, optimize (): void,
    emitBinary (): Uint8Array, dispose (): void
  }
  setOptimizeLevel (level: number): void
  setShrinkLevel (level: number): void
  readonly Features: Readonly<Record<string, number>>
}

/** What this version of Node knows; Binaryen writes what it does not, if it may use all features. */
const FEATURES = [
  'MutableGlobals', 'SignExt', 'NontrappingFPToInt', 'BulkMemory', 'BulkMemoryOpt', 'SIMD128', 'Multivalue',
  'ReferenceTypes'
]

/** Binaryen's asyncify, at calls only, optimised as it is advised to be; undefined: it is not installed here. */
export async function asyncify (): Promise<Make | undefined> {
  const loaded = await optional('binaryen')
  if (loaded === undefined) return undefined
  const binaryen = loaded['default'] as Binaryen
  return bytes => timed(() => {
    const module = binaryen.readBinary(bytes)
    module.setFeatures(FEATURES.reduce((all, name) => all | (binaryen.Features[name] ?? 0), 0))
    binaryen.setOptimizeLevel(2)
    binaryen.setShrinkLevel(0)
    module.runPasses(['asyncify'])
    module.optimize()
    const made = module.emitBinary()
    module.dispose()
    return made
  }, (module, imports) => new WebAssembly.Instance(module, imports))
}
