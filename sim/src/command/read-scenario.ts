import { readdir, readFile } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { CloudError } from '@welkin/interface'
import { withContents } from '../scenario/contents.ts'
import { parseScenario } from '../scenario/parse.ts'
import type { ScenarioDescription } from '../scenario/schema.ts'

const EXTENSION = '.yaml'
/** Of the scenarios that ship. */
const SHIPPED = fileURLToPath(new URL('../../../scenarios/', import.meta.url))

/**
 * The scenario of a YAML file, or one that ships, by its name, with the contents of the files that it names: relative
 * to its own, or to the folder of the environment's WELKIN_DATA after `$WELKIN_DATA/`. Rejects EINVAL.
 */
export async function readScenario (nameOrFile: string): Promise<ScenarioDescription> {
  const isFile = /\.ya?ml$/.test(nameOrFile)
  const file = isFile ? nameOrFile : join(SHIPPED, `${nameOrFile}${EXTENSION}`)
  const text = await readFile(file, 'utf8').catch(async (error: NodeJS.ErrnoException) => {
    if (isFile) throw new CloudError('EINVAL', `The scenario cannot be read: ${error.message}.`)
    const names = (await shippedNames()).join(', ')
    throw new CloudError('EINVAL',
      `There is no scenario "${nameOrFile}"; name a file that ends in ${EXTENSION}, or one of ${names}.`)
  })
  return await withContents(parseScenario(text, basename(file)), async name => {
    const bytes = await readFile(pathOf(name, dirname(file))).catch((error: Error) => {
      throw new CloudError('EINVAL', `${basename(file)} names a file that cannot be read: ${error.message}.`)
    })
    return unzipped(bytes).toString()
  })
}

function pathOf (name: string, folder: string): string {
  const [, rest] = /^\$WELKIN_DATA\/(.+)$/.exec(name) ?? []
  const data = process.env['WELKIN_DATA']
  if (rest === undefined) return isAbsolute(name) ? name : join(folder, name)
  if (data !== undefined) return join(data, rest)
  throw new CloudError('EINVAL', `There is no ${name}; set WELKIN_DATA to the folder that has it.`)
}

/** What a file holds, be it compressed by gzip or not. */
export function unzipped (bytes: Buffer): Buffer {
  return bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes
}

/** By their names, in order. */
export async function shippedNames (): Promise<string[]> {
  const files = (await readdir(SHIPPED)).filter(name => name.endsWith(EXTENSION))
  return files.map(name => name.slice(0, -EXTENSION.length)).toSorted()
}
