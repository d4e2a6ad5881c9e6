import { readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'

const IMPORT = /^import \{ (.*?) \} from '(.*?)';$/gm
const EXPORT = /^export (?=(?:const|class|(?:async )?function\*?) ([\w$]+))/gm
const NOT_A_MODULE = /^export \{\};$|^\/\/# sourceMappingURL=.*$/gm
const LEFT_OVER = /^(?:import|export)\b.*$/m

/**
 * A module and all that it imports, as one script for a worker: to load forty modules takes as long as all else of its
 * start. They are taken as our compiler writes them. Throws TypeError for what it does not write, or a circle.
 */
export function scriptOf (entry: string): string {
  const names = new Map<string, string>()
  const parts: string[] = []
  const nameOf = (url: string): string => {
    const known = names.get(url)
    if (known === '') throw new TypeError(`${url} imports itself.`)
    if (known !== undefined) return known
    names.set(url, '')
    const part = partOf(url, nameOf)
    const name = `module${parts.length}`
    names.set(url, name)
    parts.push(`const ${name} = (() => {\n${part}})()\n`)
    return name
  }
  nameOf(entry)
  return `'use strict'\n${parts.join('')}`
}

function partOf (url: string, nameOf: (url: string) => string): string {
  const source = readFileSync(new URL(url), 'utf8').replaceAll(NOT_A_MODULE, '')
  const exported: string[] = []
  const body = source
    .replaceAll(IMPORT, (_line, names: string, from: string) => {
      const module = isBuiltin(from) ? `require('${from}')` : nameOf(resolve(from, url))
      return `const { ${names.replaceAll(' as ', ': ')} } = ${module};`
    })
    .replaceAll(EXPORT, (_word, name: string) => {
      exported.push(name)
      return ''
    })
  const [line] = LEFT_OVER.exec(body) ?? []
  if (line !== undefined) throw new TypeError(`${url} has "${line}".`)
  return `${body}\nreturn { ${exported.join(', ')} }\n`
}

function resolve (from: string, by: string): string {
  return from.startsWith('.') ? new URL(from, by).href : import.meta.resolve(from)
}
