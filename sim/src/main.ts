import { setMaxListeners } from 'node:events'
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { isCloudError } from '@welkin/interface'
import { checkLinkTable, isLinkProfile, readLinks, type LinkTable } from '@welkin/links'
import { placesFor, runScenario, type Scenario, type ScenarioReport } from './run.ts'
import { SCENARIOS } from './scenarios/index.ts'

const USAGE = `usage: welkin-sim [run] SCENARIO [--seed S] [--nodes N] [--latency lan|datacenter|wan|FILE] [--json]

A FILE holds a table of links, such as a local cloud's links.json, whose nodes are taken with it; or a matrix of
round-trip times, of which each row is a node; and may be compressed by gzip.

Scenarios:
${Object.values(SCENARIOS).map(({ name, about }) => `  ${name}  ${about}`).join('\n')}

Example: welkin-sim run rack-power-cut --seed 7`

/** The whole of `welkin-sim`; exits with 0 when all held, 1 when not, 2 for a fault in the arguments. */
export async function main (argv: readonly string[]): Promise<void> {
  setMaxListeners(0) // one deadline may cut short any number of calls
  try {
    const { scenario, seed, nodes, latency, json } = readArguments(argv)
    const links = latency === undefined ? undefined : await readLatency(latency, scenario, nodes)
    const startMs = performance.now()
    const report = await runScenario(scenario, { seed, nodes, links })
    const seconds = (performance.now() - startMs) / 1000
    const told = json ? `${JSON.stringify({ ...report, realSeconds: seconds })}\n` : tell(report, { seconds, latency })
    process.stdout.write(told)
    process.exitCode = report.faults.length === 0 ? 0 : 1
  } catch (error) {
    const isParsing = (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') === true
    if (!(error instanceof UsageError) && !isCloudError(error, 'EINVAL') && !isParsing) throw error
    process.stderr.write(`welkin-sim: ${(error as Error).message}\n${USAGE}\n`)
    process.exitCode = 2
  }
}

class UsageError extends Error {}

function readArguments (argv: readonly string[]) {
  const { positionals, values } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      seed: { type: 'string', default: '1' },
      nodes: { type: 'string' },
      latency: { type: 'string' },
      json: { type: 'boolean', default: false }
    }
  })
  const [name = '', ...rest] = positionals[0] === 'run' ? positionals.slice(1) : positionals
  const scenario = Object.hasOwn(SCENARIOS, name) ? SCENARIOS[name] : undefined
  if (scenario === undefined || rest.length > 0) {
    throw new UsageError(name === '' ? 'Name a scenario.' : `There is no scenario "${[name, ...rest].join(' ')}".`)
  }
  const nodes = values.nodes === undefined ? undefined : Number(values.nodes)
  if (nodes !== undefined && !(Number.isInteger(nodes) && nodes > 0)) {
    throw new UsageError(`--nodes takes a whole number above 0, not "${values.nodes}".`)
  }
  return { scenario, seed: values.seed, nodes, latency: values.latency, json: values.json }
}

/** The table of a profile or a file. */
async function readLatency (latency: string, scenario: Scenario, nodes: number | undefined): Promise<LinkTable> {
  if (isLinkProfile(latency)) return checkLinkTable({ profile: latency })
  const bytes = await readFile(latency).catch((error: Error) => {
    throw new UsageError(`--latency takes lan, datacenter, wan or a file that can be read: ${error.message}.`)
  })
  const text = bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes
  return readLinks(text.toString(), placesFor(scenario, { nodes }).map(({ name }) => name))
}

function tell (report: ScenarioReport, { seconds, latency }: { seconds: number, latency: string | undefined }): string {
  const { scenario, seed, nodes, faults, figures, virtualSeconds, events, messages, traceHash } = report
  const rate = virtualSeconds / seconds
  const distance = latency === undefined ? '' : ` --latency ${latency}`
  return [
    `${scenario}, ${nodes} nodes, seed ${seed}: ${faults.length === 0 ? 'all held' : `${faults.length} faults`}`,
    ...faults.slice(0, 20).map(fault => `  ${fault}`),
    ...Object.entries(figures).map(([name, value]) => `  ${name.padEnd(16)} ${value}`),
    `  ${virtualSeconds.toFixed(1)} virtual seconds in ${seconds.toFixed(1)} s (${rate.toFixed(1)} a second), ` +
      `${events} events, ${messages} messages`,
    `  trace ${traceHash}`,
    ...faults.length === 0 ? [] : [`  again: welkin-sim run ${scenario} --seed ${seed} --nodes ${nodes}${distance}`],
    ''
  ].join('\n')
}
