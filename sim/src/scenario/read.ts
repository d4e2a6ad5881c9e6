import { CloudError } from '@welkin/interface'
import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { LineCounter, parseDocument } from 'yaml'
import { checkScenario, type ScenarioDescription } from './schema.ts'

/** Of the scenarios that ship. */
const SHIPPED = fileURLToPath(new URL('../../../scenarios/', import.meta.url))

/** The scenario of a YAML file, or one that ships, by its name. Rejects EINVAL. */
export async function readScenario (nameOrFile: string): Promise<ScenarioDescription> {
  const isFile = /\.ya?ml$/.test(nameOrFile)
  const file = isFile ? nameOrFile : join(SHIPPED, `${nameOrFile}.yaml`)
  const text = await readFile(file, 'utf8').catch(async (error: NodeJS.ErrnoException) => {
    throw new CloudError('EINVAL', isFile
      ? `The scenario cannot be read: ${error.message}.`
      : `There is no scenario "${nameOrFile}"; name a file that ends in .yaml, or one of ${(await shippedNames()).join(', ')}.`)
  })
  return parseScenario(text, basename(file))
}

/** The same of a text; `source` is what errors call it. Throws EINVAL. */
export function parseScenario (text: string, source: string): ScenarioDescription {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const [problem] = document.errors
  if (problem !== undefined) {
    const { line, col } = lines.linePos(problem.pos[0])
    throw new CloudError('EINVAL', `${source} is no YAML: line ${line}, column ${col}: ${problem.message.split('\n')[0]}`)
  }
  return checkScenario(document.toJS({ maxAliasCount: 100 }), source)
}

/** By their names, in order. */
export async function shippedNames (): Promise<string[]> {
  return (await readdir(SHIPPED)).filter(name => name.endsWith('.yaml')).map(name => name.slice(0, -'.yaml'.length)).toSorted()
}
