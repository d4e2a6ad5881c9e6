import { setMaxListeners } from 'node:events'
import { parseArgs } from 'node:util'
import { runScenario, type ScenarioReport } from './run.ts'
import { SCENARIOS } from './scenarios/index.ts'

const USAGE = `usage: welkin-sim [run] SCENARIO [--seed S] [--nodes N] [--json]

Scenarios:
${Object.values(SCENARIOS).map(({ name, about }) => `  ${name}  ${about}`).join('\n')}

Example: welkin-sim run rack-power-cut --seed 7`

/** The whole of `welkin-sim`; exits with 0 when all held, 1 when not, 2 for a fault in the arguments. */
export async function main (argv: readonly string[]): Promise<void> {
  setMaxListeners(0) // one deadline may cut short any number of calls
  try {
    const { scenario, seed, nodes, json } = readArguments(argv)
    const startMs = performance.now()
    const report = await runScenario(scenario, { seed, nodes })
    const seconds = (performance.now() - startMs) / 1000
    process.stdout.write(json ? `${JSON.stringify({ ...report, realSeconds: seconds })}\n` : tell(report, seconds))
    process.exitCode = report.faults.length === 0 ? 0 : 1
  } catch (error) {
    const isParsing = (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') === true
    if (!(error instanceof UsageError) && !isParsing) throw error
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
  return { scenario, seed: values.seed, nodes, json: values.json }
}

function tell (report: ScenarioReport, seconds: number): string {
  const { scenario, seed, nodes, faults, figures, virtualSeconds, events, messages, traceHash } = report
  const rate = virtualSeconds / seconds
  return [
    `${scenario}, ${nodes} nodes, seed ${seed}: ${faults.length === 0 ? 'all held' : `${faults.length} faults`}`,
    ...faults.slice(0, 20).map(fault => `  ${fault}`),
    ...Object.entries(figures).map(([name, value]) => `  ${name.padEnd(16)} ${value}`),
    `  ${virtualSeconds.toFixed(1)} virtual seconds in ${seconds.toFixed(1)} s (${rate.toFixed(1)} a second), ` +
      `${events} events, ${messages} messages`,
    `  trace ${traceHash}`,
    ...faults.length === 0 ? [] : [`  again: welkin-sim run ${scenario} --seed ${seed} --nodes ${nodes}`],
    ''
  ].join('\n')
}
