import { FAULT_KINDS } from '../faults/index.ts'
import { readScenario, shippedNames } from './read-scenario.ts'

/** What there is to play: the scenarios that ship, and the kinds of faults that one's own may have. */
export async function list ({ json }: { json: boolean }): Promise<boolean> {
  const scenarios = await Promise.all((await shippedNames()).map(readScenario))
  const faults = Object.entries(FAULT_KINDS).map(([name, { about }]) => ({ name, about }))
  const told = scenarios.map(({ name, about, pending }) => ({ name, about, pending }))
  process.stdout.write(json
    ? `${JSON.stringify({ scenarios: told, faults })}\n`
    : ['Scenarios:', ...told.map(tell), '', 'Faults:', ...faults.map(tell), ''].join('\n'))
  return true
}

function tell ({ name, about, pending }: { name: string, about: string, pending?: string | undefined }): string {
  return `  ${name.padEnd(25)} ${about}${pending === undefined ? '' : ` Pending: it ${pending}.`}`
}
