import { setMaxListeners } from 'node:events'
import { parseArgs } from 'node:util'
import type { Bench } from './bench.ts'
import { blob } from './blob/blob.ts'
import { capability } from './capability/capability.ts'
import { coordinates } from './coordinates/coordinates.ts'
import { dial } from './dial/dial.ts'
import { detect } from './detect/detect.ts'
import { dns } from './dns/dns.ts'
import { find } from './find/find.ts'
import { idle } from './idle/idle.ts'
import { migrate } from './migrate/migrate.ts'
import { names } from './names/names.ts'
import { namesChurn } from './names/names-churn.ts'
import { overhead } from './overhead/overhead.ts'
import { place } from './place/place.ts'
import { printOutcome } from './print.ts'
import { query } from './query/query.ts'
import { relay } from './relay/relay.ts'
import { sim } from './sim/sim.ts'
import { spawn } from './spawn/spawn.ts'
import { Stage } from './stage.ts'
import { suspend } from './suspend/suspend.ts'
import { syscall } from './syscall/syscall.ts'
import { wasm } from './wasm/wasm.ts'

const BENCHES: Readonly<Record<string, Bench>> = {
  syscall, capability, spawn, blob, idle, detect, overhead, coordinates, query, find, names,
  'names-churn': namesChurn, dns, dial, place, relay, migrate, sim, suspend, wasm
}

class UsageError extends Error {}

const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const

const [name, ...args] = process.argv.slice(2)
setMaxListeners(0) // one deadline may cut short any number of calls
if (name === undefined || name.startsWith('-')) process.stdout.write(usage())
else await main(name, args).catch(explain)

async function main (bench: string, given: readonly string[]): Promise<void> {
  const { chosen, files, profiles, values } = readArguments(bench, given)
  const stage = new Stage({ profiles })
  const interrupted = clearOnSignals(stage)
  try {
    printOutcome(bench, await chosen.run(values as never, stage, files))
  } catch (error) {
    if (!interrupted()) throw error // else it failed because the stage was cleared under it
  } finally {
    await stage.clear()
  }
}

type Given = { quick: boolean, profiles?: string } & Record<string, string | undefined>

/** Throws UsageError, or what parseArgs throws. */
function readArguments (bench: string, given: readonly string[]) {
  const chosen = BENCHES[bench]
  if (chosen === undefined) throw new UsageError(`There is no bench ${bench}.`)
  const { settings } = chosen
  const named = Object.keys(settings)
  const { values: read, positionals: files } = parseArgs({
    args: [...given],
    allowPositionals: chosen.files !== undefined,
    options: {
      quick: { type: 'boolean', default: false }, profiles: { type: 'string' },
      ...Object.fromEntries(named.map(setting => [setting, { type: 'string' as const }]))
    }
  })
  const { quick, profiles, ...texts } = read as Given
  const values = Object.fromEntries(Object.entries(settings).map(([setting, { quick: short, usual }]) => {
    const preset = quick ? short : usual
    const text = texts[setting]
    return [setting, text === undefined ? preset : readNumbers(setting, text, typeof preset === 'number')]
  }))
  return { chosen, files, profiles, values }
}

function readNumbers (setting: string, text: string, single: boolean): number | readonly number[] {
  const numbers = text.split(',').map(Number)
  const [first = Number.NaN] = numbers
  if (numbers.every(number => number > 0) && (numbers.length === 1 || !single)) return single ? first : numbers
  const takes = single ? 'a number' : 'numbers with commas between'
  throw new UsageError(`--${setting} takes ${takes} above 0, not "${text}".`)
}

function explain (error: unknown): void {
  const { code, message } = error as NodeJS.ErrnoException
  if (!(error instanceof UsageError) && code?.startsWith('ERR_PARSE_ARGS') !== true) throw error
  process.stderr.write(`bench: ${message}\n\n${usage()}`)
  process.exitCode = 2
}

function clearOnSignals (stage: Stage): () => boolean {
  let interrupted = false
  for (const [signal, status] of Object.entries(SIGNALS)) {
    process.on(signal, () => {
      if (interrupted) return
      interrupted = true
      void stage.clear().then(() => process.exit(status))
    })
  }
  return () => interrupted
}

function usage (): string {
  const rows = Object.entries(BENCHES).flatMap(([bench, { about, files, settings }]) => [
    `  ${bench.padEnd(11)} ${about}\n`,
    ...files === undefined ? [] : [`${' '.repeat(15)}FILE...  ${files}\n`],
    ...Object.entries(settings).map(([setting, { about: what, usual }]) => {
      return `${' '.repeat(15)}--${setting} ${String(usual)}  ${what}\n`
    })
  ])
  return `usage: npm run bench -- NAME [--quick] [--profiles DIR] [--SETTING VALUE]...

${rows.join('')}
--quick makes short work of it, to see that it runs; --profiles leaves a CPU profile of each process in DIR.
The last line is one JSON object: {"bench": NAME, "figures": {...}, "rivals": {...}}.
`
}
