import { CloudError } from '@welkin/interface'
import { LineCounter, parseDocument } from 'yaml'
import { checkScenario, type ScenarioDescription } from './schema.ts'

/** Far more than any scenario needs, and far less than what makes a small file swell up. */
const ALIASES_MAX = 100

/** The scenario of a YAML text; `source` is what errors call it. Throws EINVAL, with the place of what is wrong. */
export function parseScenario (text: string, source: string): ScenarioDescription {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const [problem] = document.errors
  if (problem !== undefined) {
    const { line, col } = lines.linePos(problem.pos[0])
    const [what] = problem.message.split('\n')
    throw new CloudError('EINVAL', `${source} is no YAML: line ${line}, column ${col}: ${what}`)
  }
  return checkScenario(document.toJS({ maxAliasCount: ALIASES_MAX }), source)
}
