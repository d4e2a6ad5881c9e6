import { CloudError } from '@welkin/interface'
import { assemble } from './assemble.ts'
import { FUNCTION, GLOBAL, readModule, TABLE, type Module } from './binary/module.ts'
import { CALL, CALL_INDIRECT } from './binary/opcodes.ts'
import { I32, isReference, keyOfType, type FunctionType } from './binary/types.ts'
import { CallGraph } from './call-graph.ts'
import { readCode, type Code } from './code/code.ts'
import { factsOf, type Facts } from './code/facts.ts'
import { liveLocals } from './code/liveness.ts'
import { checkLoops, FUEL_MAX } from './code/loops.ts'
import { shapeOf } from './code/shape.ts'
import { fingerprintOf, writeDescription, type Signature } from './description.ts'
import { Continuation } from './emit/continuation.ts'
import { Copy, steady, type Subject } from './emit/copy.ts'
import { resumer, variableHelpers, wordHelpers, type Variable } from './emit/helpers.ts'
import { layOut, NAMESPACE, Types, type Dropped, type Layout } from './layout.ts'
import { checkLimit, LIMITS, type Limits } from './limits.ts'
import { Unsupported } from './unsupported.ts'
import './engine.ts'

/** A fraction of a millisecond. */
const UNCHECKED_MAX = 50_000

export interface SuspendOptions {
  /**
   * Where the module can be suspended: where it calls one of the suspending imports, or also wherever it runs, which
   * costs a look at its fuel now and then.
   */
  readonly points: 'calls' | 'anywhere'
  /** Whether an imported function may ask for suspension. */
  readonly suspendingImports: (module: string, name: string) => boolean
  /** `anywhere`: about so many instructions may run between two looks at the fuel; 50,000, if nothing is said. */
  readonly uncheckedInstructionsMax?: number
  readonly limits?: Partial<Limits>
}

/** `reasons`: why it cannot be suspended; then `module` is what was given, and runs as it is. */
export interface Suspendable {
  readonly module: Uint8Array
  readonly isSuspendable: boolean
  readonly reasons: readonly string[]
}

/**
 * Rewrites a WebAssembly module so that it can be suspended, its state taken as plain data, and resumed in another
 * instance (`Guest`). The same bytes and options give the same bytes. Throws ENOEXEC for what is no valid module and
 * for one that is beyond the limits.
 */
export function makeSuspendable (bytes: Uint8Array, options: SuspendOptions): Suspendable {
  const limits = { ...LIMITS, ...options.limits }
  checkLimit('bytes', bytes.length, limits.bytesMax)
  if (!WebAssembly.validate(bytes)) {
    throw new CloudError('ENOEXEC', 'This is no valid WebAssembly module, or one that this version of Node cannot run.')
  }
  try {
    return { module: new Transform(readModule(bytes), options, limits).run(), isSuspendable: true, reasons: [] }
  } catch (error) {
    if (!(error instanceof Unsupported)) throw error
    return { module: bytes, isSuspendable: false, reasons: [error.message] }
  }
}

class Transform {
  readonly #module: Module
  readonly #options: SuspendOptions
  readonly #limits: Limits
  readonly #codes: readonly Code[]
  readonly #facts: readonly Facts[]
  readonly #tableFunctions: readonly number[]
  readonly #tables: readonly number[]

  constructor (module: Module, options: SuspendOptions, limits: Limits) {
    this.#module = module
    this.#options = options
    this.#limits = limits
    for (const { entries } of module.tables) checkLimit('entries in a table', entries, limits.tableEntriesMax)
    this.#codes = this.#readCodes()
    this.#facts = this.#codes.map(factsOf)
    this.#tables = changingTables(module, this.#facts)
    this.#tableFunctions = functionsOfTables(module, this.#facts)
    refuseReferenceVariables(module, this.#facts)
    if (module.exports.some(({ name }) => name.startsWith(`${NAMESPACE}.`))) {
      throw new Unsupported('it was made suspendable already')
    }
  }

  run (): Uint8Array {
    const types = new Types(this.#module.types)
    const { subjects, count } = this.#subjects()
    const dropped = droppedSegments(this.#facts)
    const layout = layOut(this.#module, count, dropped, types)
    const bodies: Uint8Array[] = []
    const continuations: Uint8Array[] = []
    let left = this.#limits.instrumentedBytesMax
    for (const subject of subjects) {
      bodies.push(new Copy(subject, layout, left).write())
      left -= bodies.at(-1)?.length ?? 0
      if (subject.shape.sites.length === 0) continue
      continuations.push(new Continuation(subject, layout, left).write())
      left -= continuations.at(-1)?.length ?? 0
    }
    const [save, load] = variableHelpers(layout, this.#variables(layout))
    const out = assemble({
      module: this.#module, layout, types, bodies, continuations, helpers: wordHelpers(layout),
      exported: { resume: resumer(layout), save, load }, tables: this.#tables, tableFunctions: this.#tableFunctions
    })
    const description = {
      fingerprint: fingerprintOf(out.written), imports: this.#suspendingImports(), exports: this.#exports(),
      tables: this.#tables.length, hasStart: this.#module.start !== undefined
    }
    return out.custom(NAMESPACE, writeDescription(description)).written
  }

  #readCodes (): Code[] {
    const { functions, importedFunctions, bodies } = this.#module
    let locals = 0
    return bodies.map((body, nth) => {
      const type = this.#typeOf(functions[importedFunctions.length + nth] as number)
      const code = readCode(this.#module, type, body, this.#limits)
      locals += code.locals.length
      checkLimit('locals', locals, this.#limits.localsOfAllMax)
      return code
    })
  }

  /** Every function with what there is to do to it, and how many of them can be suspended. */
  #subjects (): { subjects: Subject[], count: number } {
    const { importedFunctions, functions } = this.#module
    const imported = importedFunctions.length
    const facts = functions.map((_, index) => this.#facts[index - imported])
    const uncheckedMax = this.#options.uncheckedInstructionsMax ?? UNCHECKED_MAX
    const uncheckedInLoopMax = Math.floor(uncheckedMax / 12)
    const reachedBy = this.#reachedByTables()
    const graph = new CallGraph({ facts, reachedBy, uncheckedMax, uncheckedInLoopMax })
    const isAnywhere = this.#options.points === 'anywhere'
    const checked = isAnywhere ? graph.checkedAtEntry() : new Set<number>()
    const suspending = graph.reaching([
      ...checked, ...importedFunctions.flatMap((each, index) => this.#isSuspending(each) ? [index] : []),
      ...isAnywhere ? facts.flatMap((each, index) => (each?.loops ?? 0) > 0 ? [index] : []) : []
    ])
    let count = 0
    const subjects = this.#codes.map((code, nth): Subject => {
      const index = imported + nth
      if (!suspending.hasFunction(index)) return steady(code)
      const maySuspend = (at: number): boolean => code.ops[at] === CALL
        ? suspending.hasFunction(code.args[at] as number)
        : code.ops[at] === CALL_INDIRECT && suspending.hasType(code.args[at] as number)
      const isChecked = (callee: number): boolean => checked.has(callee)
      const costOf = (at: number): number => {
        const callee = code.args[at] as number
        return graph.costOf(code.ops[at] === CALL ? { function: callee } : { type: callee })
      }
      const input = { maySuspend, isChecked, costOf, uncheckedMax: uncheckedInLoopMax }
      const loopChecks = isAnywhere ? checkLoops(code, input) : new Map()
      const entryFuel = checked.has(index) ? Math.min(code.ops.length, FUEL_MAX) : 0
      const shape = shapeOf({ module: this.#module, code, maySuspend, loopChecks, isCheckedAtEntry: entryFuel > 0 })
      if (shape.sites.length === 0) return steady(code)
      noteLive(code, shape.sites)
      return { code, shape, loopChecks, entryFuel, continuation: count++ }
    })
    return { subjects, count }
  }

  /** By the number of a type: the functions that may stand in a table and are of it. */
  #reachedByTables (): (type: number) => readonly number[] {
    const byKey = new Map<string, number[]>()
    const keyOf = (type: number): string => keyOfType(this.#typeOf(type))
    for (const index of this.#tableFunctions) {
      const key = keyOf(this.#module.functions[index] as number)
      const same = byKey.get(key)
      if (same === undefined) byKey.set(key, [index])
      else same.push(index)
    }
    return type => byKey.get(keyOf(type)) ?? []
  }

  #typeOf (type: number): FunctionType {
    return this.#module.types[type] as FunctionType
  }

  #isSuspending ({ module, name }: { module: string, name: string }): boolean {
    return this.#options.suspendingImports(module, name)
  }

  #variables ({ droppedData, droppedElements }: Layout): Variable[] {
    return [
      ...this.#module.globals.flatMap(({ type, isMutable }, index) => {
        return isMutable && !isReference(type) ? [{ index, type }] : []
      }),
      ...[...droppedData.values(), ...droppedElements.values()].map(index => ({ index, type: I32 }))
    ]
  }

  #suspendingImports (): Array<readonly [string, string, ...Signature]> {
    return this.#module.importedFunctions.filter(each => this.#isSuspending(each)).map(({ module, name, type }) => {
      const { params, results } = this.#typeOf(type)
      return [module, name, params, results] as const
    })
  }

  #exports (): Record<string, Signature> {
    const { exports, functions } = this.#module
    return Object.fromEntries(exports.filter(({ kind }) => kind === FUNCTION).map(({ name, index }) => {
      const { params, results } = this.#typeOf(functions[index] as number)
      return [name, [params, results]]
    }))
  }
}

/** Fills in what the sites keep; refuses where that would be too much, or references. */
function noteLive (code: Code, sites: Subject['shape']['sites']): void {
  const live = liveLocals(code, new Set(sites.map(({ at }) => at)))
  for (const site of sites) {
    // On entry, every local that is no parameter is 0, and so it is in a continuation.
    const locals = live.get(site.at) ?? []
    site.live = site.at < 0 ? locals.filter(local => local < code.type.params.length) : locals
    if (site.live.some(local => isReference(code.locals[local] as number))) {
      throw new Unsupported('it keeps a reference where it may be suspended')
    }
  }
}

/** Tables that others have hold of, or that the module itself writes to. */
function changingTables ({ tables, exports }: Module, facts: readonly Facts[]): number[] {
  const written = new Set(facts.flatMap(({ changedTables }) => changedTables))
  const exported = new Set(exports.filter(({ kind }) => kind === TABLE).map(({ index }) => index))
  return tables.flatMap(({ isImported }, index) => {
    return isImported || exported.has(index) || written.has(index) || written.has(-1) ? [index] : []
  })
}

/** The functions that may stand in a table, or be put into one by whoever gets them. */
function functionsOfTables ({ elements, globals, exports }: Module, facts: readonly Facts[]): number[] {
  const found = new Set(facts.flatMap(({ references }) => references))
  for (const { functions = [], expressions = [] } of elements) {
    for (const index of functions) found.add(index)
    for (const each of expressions) for (const { index } of each.functions) found.add(index)
  }
  for (const { init } of globals) for (const { index } of init?.functions ?? []) found.add(index)
  for (const { kind, index } of exports) if (kind === FUNCTION) found.add(index)
  return sorted(found)
}

function refuseReferenceVariables ({ globals, exports, importedGlobals }: Module, facts: readonly Facts[]): void {
  const written = new Set(facts.flatMap(({ writtenGlobals }) => writtenGlobals))
  for (const { kind, index } of exports) if (kind === GLOBAL) written.add(index)
  for (const [index, { type, isMutable }] of globals.entries()) {
    if (isMutable && isReference(type) && (index < importedGlobals || written.has(index))) {
      throw new Unsupported('it keeps a reference in a variable')
    }
  }
}

function droppedSegments (facts: readonly Facts[]): Dropped {
  return {
    data: sorted(new Set(facts.flatMap(({ droppedData }) => droppedData))),
    elements: sorted(new Set(facts.flatMap(({ droppedElements }) => droppedElements)))
  }
}

function sorted (numbers: Iterable<number>): number[] {
  return [...numbers].toSorted((one, other) => one - other)
}
