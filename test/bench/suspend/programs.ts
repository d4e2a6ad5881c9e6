import { fileOf, optional } from './optional.ts'
import type { Make, Variant } from './variants.ts'

/** What of Emscripten's loaders is used: another instance than the one they would make. */
interface Loading {
  instantiateWasm (
    imports: WebAssembly.Imports,
    receive: (instance: { readonly exports: Readonly<Record<string, unknown>> }) => void
  ): object
}

/** A long run of a large program: seconds. */
export interface Program {
  readonly name: string
  /** The package that it is in. */
  readonly from: string
  readonly bytes: () => Promise<Uint8Array>
  readonly run: (variant: Variant, size: number) => Promise<number>
}

function loading (variant: Variant): Loading {
  return {
    instantiateWasm: (imports, receive) => {
      const instance = variant.instantiate(imports)
      receive(instance)
      return instance.exports
    }
  }
}

interface Database { run (text: string, values?: unknown[]): void, exec (text: string): unknown }
type Sql = (loading: Loading) => Promise<{ Database: new () => Database }>

interface QuickJs { evalCode (text: string): unknown }
interface QuickJsPackage {
  newVariant (base: unknown, custom: { emscriptenModule: Loading }): unknown
  newQuickJSWASMModuleFromVariant (variant: unknown): Promise<QuickJs>
  RELEASE_SYNC: unknown
}

const SCRIPT = (size: number): string => `
  const seen = new Map(), words = []
  let state = 1
  for (let i = 0; i < ${size}; i++) {
    state = (state * 1103515245 + 12345) % 2147483648
    const word = 'w' + state % 1000
    seen.set(word, (seen.get(word) ?? 0) + 1)
    if (i % 7 === 0) words.push({ word, at: i, text: word.repeat(3).replace(/w/g, '-') })
  }
  words.sort((one, other) => one.text < other.text ? -1 : 1)
  String(words.length) + JSON.stringify([...seen].slice(0, 9))`

export const PROGRAMS: readonly Program[] = [{
  name: 'SQLite',
  from: 'sql.js',
  bytes: async () => await fileOf('sql.js/dist/sql-wasm.wasm'),
  run: async (variant, size) => {
    const open = (await optional('sql.js') as { default: Sql }).default
    const { Database } = await open(loading(variant))
    const rows = size * 5000
    const startedMs = performance.now()
    const database = new Database()
    database.run('create table items (id integer primary key, name text, price real)')
    database.run(`with recursive n (i) as (select 1 union all select i + 1 from n where i < ${rows})
      insert into items select i, 'item ' || (i * 7919 % ${rows}), i * 0.37 from n`)
    database.run('create index by_name on items (name)')
    database.exec('select substr(name, 1, 7) as class, count(*), avg(price) from items group by class order by 2, 1')
    database.exec('select a.name from items a join items b on b.name = a.name where b.price > a.price limit 10')
    return performance.now() - startedMs
  }
}, {
  name: 'QuickJS',
  from: 'quickjs-emscripten',
  bytes: async () => await fileOf('@jitl/quickjs-wasmfile-release-sync/wasm'),
  run: async (variant, size) => {
    const { RELEASE_SYNC, newQuickJSWASMModuleFromVariant, newVariant } =
      await optional('quickjs-emscripten') as unknown as QuickJsPackage
    const custom = newVariant(RELEASE_SYNC, { emscriptenModule: loading(variant) })
    const engine = await newQuickJSWASMModuleFromVariant(custom)
    const startedMs = performance.now()
    engine.evalCode(SCRIPT(size * 5000))
    return performance.now() - startedMs
  }
}]

/** The shortest time of each variant over the rounds, in milliseconds. */
export async function raceProgram (
  program: Program, makes: Readonly<Record<string, Make>>, rounds: number, size: number
): Promise<Record<string, { readonly madeMs: number, readonly ranMs: number, readonly bytes: number }>> {
  const bytes = await program.bytes()
  const results: Record<string, { madeMs: number, ranMs: number, bytes: number }> = {}
  for (let round = 0; round < rounds; round++) {
    for (const [name, make] of Object.entries(makes)) {
      const known = results[name]
      const variant = make(bytes)
      const ranMs = await program.run(variant, size)
      results[name] = {
        bytes: variant.bytes,
        // The first time counts: whoever starts a program has it made once.
        madeMs: known?.madeMs ?? variant.ms,
        ranMs: Math.min(ranMs, known?.ranMs ?? Infinity)
      }
    }
  }
  return results
}
