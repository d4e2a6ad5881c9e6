import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CloudError } from '@welkin/interface'
import { parseScenario } from '../scenario/parse.ts'
import type { ScenarioDescription } from '../scenario/schema.ts'

const EXTENSION = '.yaml'
/** Of the scenarios that ship. */
const SHIPPED = fileURLToPath(new URL('../../../scenarios/', import.meta.url))

/** The scenario of a YAML file, or one that ships, by its name. Rejects EINVAL. */
export async function readScenario (nameOrFile: string): Promise<ScenarioDescription> {
  const isFile = /\.ya?ml$/.test(nameOrFile)
  const file = isFile ? nameOrFile : join(SHIPPED, `${nameOrFile}${EXTENSION}`)
  const text = await readFile(file, 'utf8').catch(async (error: NodeJS.ErrnoException) => {
    if (isFile) throw new CloudError('EINVAL', `The scenario cannot be read: ${error.message}.`)
    const names = (await shippedNames()).join(', ')
    throw new CloudError('EINVAL',
      `There is no scenario "${nameOrFile}"; name a file that ends in ${EXTENSION}, or one of ${names}.`)
  })
  return parseScenario(text, basename(file))
}

/** By their names, in order. */
export async function shippedNames (): Promise<string[]> {
  const files = (await readdir(SHIPPED)).filter(name => name.endsWith(EXTENSION))
  return files.map(name => name.slice(0, -EXTENSION.length)).toSorted()
}
