/**
 * Runs the WebAssembly specification's own tests through the transform: each module as it is, and suspended at every
 * function's entry, every round of a loop and every call; both must give the same.
 *
 *     node packages/suspend/dist/test/spec-suite.js FOLDER...
 *
 * A folder has .wast files; `wast2json` of wabt takes them apart (Debian: apt-get install wabt). Debian's source
 * package of binaryen has the tests in test/spec.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { makeSuspendable, type Value } from '../src/index.ts'
import { always, Traveller, type MakeImports } from './kit/traveller.ts'

interface Constant { type: string, value?: string | string[] }
interface Action { type: string, module?: string, field: string, args?: Constant[] }
interface Command { type: string, line: number, name?: string, as?: string, filename?: string, action?: Action }

interface Pair { plain: WebAssembly.Instance, traveller: Traveller | undefined }
interface Score { actions: number, hops: number, modules: number, unsuspendable: Map<string, number>, faults: string[] }

const score: Score = { actions: 0, hops: 0, modules: 0, unsuspendable: new Map(), faults: [] }

function runFile (path: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'spec-'))
  try {
    const json = join(folder, 'it.json')
    try {
      execFileSync('wast2json', [path, '-o', json], { stdio: 'ignore' })
    } catch {
      return // of a proposal that is no part of the core
    }
    const { commands } = JSON.parse(readFileSync(json, 'utf8')) as { commands: Command[] }
    new Script(basename(path), folder).run(commands)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

class Script {
  readonly #name: string
  readonly #folder: string
  readonly #pairs = new Map<string, Pair>()
  readonly #registered: Record<string, Record<string, unknown>> = {}
  #current: Pair | undefined

  constructor (name: string, folder: string) {
    this.#name = name
    this.#folder = folder
  }

  run (commands: readonly Command[]): void {
    for (const command of commands) {
      const { action, as, filename, line, name, type } = command
      if (type === 'module') this.#current = this.#instantiate(filename as string, name, line)
      else if (type === 'register') {
        const pair = name === undefined ? this.#current : this.#pairs.get(name)
        if (pair === undefined) continue
        this.#registered[as as string] = { ...pair.plain.exports }
        pair.traveller = undefined // others may change what is of the plain one only
      } else if (action?.type === 'invoke' && type !== 'assert_exhaustion') this.#invoke(action, line)
    }
  }

  #instantiate (filename: string, name: string | undefined, line: number): Pair | undefined {
    const bytes = readFileSync(join(this.#folder, filename))
    if (!WebAssembly.validate(bytes)) return undefined
    try {
      const makeImports: MakeImports = () => ({ spectest: spectest(), ...this.#registered })
      const plain = new WebAssembly.Instance(new WebAssembly.Module(bytes), makeImports())
      const made = makeSuspendable(bytes, {
        points: 'anywhere', suspendingImports: module => module === 'spectest', uncheckedInstructionsMax: 0
      })
      for (const reason of made.reasons) score.unsuspendable.set(reason, (score.unsuspendable.get(reason) ?? 0) + 1)
      // What belongs to another module has one state only: there the two would disturb each other.
      const imported = WebAssembly.Module.imports(new WebAssembly.Module(bytes))
      const isAlone = imported.every(({ module }) => module === 'spectest')
      const traveller = made.isSuspendable && isAlone
        ? new Traveller(new WebAssembly.Module(made.module), makeImports, always())
        : undefined
      const pair = { plain, traveller }
      score.modules++
      if (name !== undefined) this.#pairs.set(name, pair)
      return pair
    } catch (error) {
      // It needs what is not here.
      if (error instanceof WebAssembly.LinkError || error instanceof TypeError) return undefined
      score.faults.push(`${this.#name}:${line} ${String(error)}`)
      return undefined
    }
  }

  #invoke ({ args = [], field, module }: Action, line: number): void {
    const pair = module === undefined ? this.#current : this.#pairs.get(module)
    if (pair?.traveller === undefined) return
    const { plain, traveller } = pair
    if (args.some(({ type }) => !['i32', 'i64', 'f32', 'f64'].includes(type))) return
    const values = args.map(valueOf)
    score.actions++
    const expected = outcomeOf(() => {
      const returned = (plain.exports[field] as (...all: Value[]) => unknown)(...values)
      return Array.isArray(returned) ? returned : returned === undefined ? [] : [returned]
    })
    const before = traveller.hops
    const got = outcomeOf(() => traveller.call(field, values))
    score.hops += traveller.hops - before
    if (got !== expected) score.faults.push(`${this.#name}:${line} ${field}: ${got} instead of ${expected}`)
  }
}

function outcomeOf (run: () => readonly unknown[]): string {
  try {
    return run().map(value => Object.is(value, -0) ? '-0' : typeof value === 'function' ? 'f' : String(value)).join()
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message.replace(/^.*:/, '')}`
  }
}

function valueOf ({ type, value }: Constant): Value {
  const text = typeof value === 'string' ? value : '0'
  if (text.startsWith('nan')) return Number.NaN
  const view = new DataView(new ArrayBuffer(8))
  view.setBigUint64(0, BigInt(text))
  if (type === 'i32') return view.getInt32(4)
  if (type === 'i64') return view.getBigInt64(0)
  return type === 'f32' ? view.getFloat32(4) : view.getFloat64(0)
}

function spectest (): Record<string, unknown> {
  const print = (): void => { /* nobody reads it */ }
  const global = (type: string, value: Value): WebAssembly.Global => new WebAssembly.Global({ value: type }, value)
  return {
    print, print_i32: print, print_i64: print, print_f32: print, print_f64: print, print_i32_f32: print,
    print_f64_f64: print,
    global_i32: global('i32', 666), global_i64: global('i64', 666n), global_f32: global('f32', 666.6),
    global_f64: global('f64', 666.6),
    table: new WebAssembly.Table({ element: 'anyfunc', initial: 10, maximum: 20 }),
    memory: new WebAssembly.Memory({ initial: 1, maximum: 2 })
  }
}

for (const folder of process.argv.slice(2)) {
  for (const name of readdirSync(folder).filter(each => each.endsWith('.wast')).toSorted()) runFile(join(folder, name))
}
const { actions, hops, modules, unsuspendable, faults } = score
for (const fault of faults) process.stdout.write(`${fault}\n`)
for (const [reason, count] of unsuspendable) process.stdout.write(`${count} modules: ${reason}\n`)
process.stdout.write(`${modules} modules, ${actions} actions, ${hops} hops: ${faults.length} differ\n`)
process.exitCode = faults.length === 0 && actions > 0 ? 0 : 1
