import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { checkLinkTable, isLinkProfile, readLinks, type LinkTable } from '@welkin/links'
import { layoutOf } from '../run.ts'
import type { ScenarioDescription } from '../scenario/schema.ts'
import { parseSpan } from '../scenario/units.ts'
import { readScenario, shippedNames, unzipped } from './read-scenario.ts'

export const USAGE = `usage: welkin-sim COMMAND SCENARIO... [OPTIONS]

  run SCENARIO       plays it, and says what held
    --report FILE    writes a page that shows the run, for a browser
    --trace FILE     writes all that happened, a line of JSON each
  replay SCENARIO    tells the story of one run
    --from SPAN      from then on
    --node NAME      of one node
  real SCENARIO      plays it on real daemons of this machine, in real time
  compare SCENARIO   plays it in both worlds, and shows how far they differ
  shrink SCENARIO    finds the fewest faults that still break it
  list               tells what ships: scenarios, and kinds of faults
  soak [SCENARIO...] plays many seeds on all cores, and lists what broke
    --seeds N        default 100
    --jobs N         default: as many as there are cores
    --minutes N      no longer than this

  for each: --nodes N, --json; and but for soak: --seed S (default 1), --until SPAN,
    --latency lan|datacenter|wan|FILE, --faults 1,4,7 (only these of the plan)

A SCENARIO is a file that ends in .yaml, or the name of one that ships. A SPAN is such as 30s or 5m. A FILE of links is
a table, such as a local cloud's links.json, whose nodes are taken with it; or a matrix of round-trip times, of which
each row is a node, or a site where there are fewer; and may be compressed by gzip.

Example: welkin-sim run rack-power-cut --seed 7 --report run.html`

export class UsageError extends Error {}

const OF_ONE_SCENARIO = ['run', 'replay', 'real', 'compare', 'shrink'] as const

export type CommandName = typeof OF_ONE_SCENARIO[number] | 'list' | 'soak'

export interface CommandOptions {
  scenarios: readonly ScenarioDescription[]
  /** What was typed for each. */
  sources: readonly string[]
  seed: string
  nodes: number | undefined
  untilMs: number | undefined
  links: LinkTable | undefined
  faults: readonly number[] | undefined
  json: boolean
  report: string | undefined
  trace: string | undefined
  fromMs: number
  node: string | undefined
  seeds: number
  jobs: number
  minutes: number
  /** The options that change a run, as they were typed. */
  typed: string
}

/** What a command is given: its options, and a signal that says that its user has enough. */
export type Given = CommandOptions & { signal: AbortSignal }

const OPTIONS = {
  seed: { type: 'string', default: '1' },
  nodes: { type: 'string' },
  until: { type: 'string' },
  latency: { type: 'string' },
  faults: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
  report: { type: 'string' },
  trace: { type: 'string' },
  from: { type: 'string' },
  node: { type: 'string' },
  seeds: { type: 'string', default: '100' },
  jobs: { type: 'string' },
  minutes: { type: 'string' }
} as const

/** Reads the arguments, and the scenarios that they name. Rejects UsageError and EINVAL. */
export async function readCommand (
  argv: readonly string[]
): Promise<CommandOptions & { name: CommandName } | { name: 'help' }> {
  const { positionals: [word = 'help', ...names], values } = parseArgs({
    args: [...argv], allowPositionals: true, options: OPTIONS
  })
  if (word === 'help' || values.help) return { name: 'help' }
  const name = word as CommandName
  const isOfOne = OF_ONE_SCENARIO.some(command => command === word)
  if (!isOfOne && !['list', 'soak'].includes(word)) {
    throw new UsageError(`There is no command "${word}".`)
  }
  if (isOfOne && names.length !== 1) throw new UsageError('Name one scenario.')
  const sources = name === 'soak' && names.length === 0 ? await soakable() : names
  const scenarios = await Promise.all(sources.map(readScenario))
  const nodes = readCount('nodes', values.nodes)
  const [scenario] = scenarios
  return {
    name, scenarios, sources, seed: values.seed, nodes,
    untilMs: readSpan('until', values.until),
    links: values.latency === undefined || scenario === undefined
      ? undefined
      : await readLatency(values.latency, scenario, nodes),
    faults: readNumbers(values.faults),
    json: values.json, report: values.report, trace: values.trace,
    fromMs: readSpan('from', values.from) ?? 0, node: values.node,
    seeds: readCount('seeds', values.seeds) as number,
    jobs: readCount('jobs', values.jobs) ?? availableParallelism(),
    minutes: readCount('minutes', values.minutes) ?? Number.POSITIVE_INFINITY,
    typed: (['nodes', 'until', 'latency'] as const)
      .flatMap(option => values[option] === undefined ? [] : ` --${option} ${values[option]}`).join('')
  }
}

/** The line that plays a run again. */
export function commandOf (
  { sources, typed }: CommandOptions, name: CommandName, seed: string, faults?: readonly number[]
): string {
  const only = faults === undefined ? '' : ` --faults ${faults.join(',') || 'none'}`
  return `welkin-sim ${name} ${sources[0] as string} --seed ${seed}${typed}${only}`
}

/** All that ship and can be played in seconds. */
async function soakable (): Promise<string[]> {
  const names = await shippedNames()
  const scenarios = await Promise.all(names.map(readScenario))
  return names.filter((_, i) => {
    const scenario = scenarios[i] as ScenarioDescription
    return scenario.pending === undefined && layoutOf(scenario, {}).places.length <= 100
  })
}

function readCount (option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const count = Number(text)
  if (!(Number.isInteger(count) && count > 0)) {
    throw new UsageError(`--${option} takes a whole number above 0, not "${text}".`)
  }
  return count
}

function readSpan (option: string, text: string | undefined): number | undefined {
  const ms = text === undefined ? undefined : parseSpan(text)
  if (text !== undefined && ms === undefined) {
    throw new UsageError(`--${option} takes a span such as 30s, not "${text}".`)
  }
  return ms
}

function readNumbers (text: string | undefined): number[] | undefined {
  if (text === undefined || text === 'none') return text === undefined ? undefined : []
  return text.split(',').map(part => readCount('faults', part) as number)
}

/** The table of a profile or a file. */
async function readLatency (
  latency: string, scenario: ScenarioDescription, nodes: number | undefined
): Promise<LinkTable> {
  if (isLinkProfile(latency)) return checkLinkTable({ profile: latency })
  const bytes = await readFile(latency).catch((error: Error) => {
    throw new UsageError(`--latency takes lan, datacenter, wan or a file that can be read: ${error.message}.`)
  })
  return readLinks(unzipped(bytes).toString(), layoutOf(scenario, { nodes }).places)
}
