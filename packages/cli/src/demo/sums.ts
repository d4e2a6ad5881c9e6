import { CloudError } from '@welkin/interface'

const LINE = /^(\\?)([0-9a-f]{64}) [ *](.*)$/
const ESCAPES: Readonly<Record<string, string>> = { '\\\\': '\\', '\\n': '\n', '\\r': '\r' }

/**
 * What `sha256sum` or `shasum -a 256` printed: path to hash, without a leading `./`. A line that begins with a
 * backslash has its name escaped. Throws EIO for a line that neither would print.
 */
export function parseSums (text: string): Map<string, string> {
  const sums = new Map<string, string>()
  for (const line of text.split('\n')) {
    if (line === '') continue
    const [, escaped, hash, name] = LINE.exec(line) ?? []
    if (hash === undefined || name === undefined) throw new CloudError('EIO', `This is no line of sha256sum: ${line}`)
    const path = escaped === '' ? name : name.replaceAll(/\\[\\nr]/g, pair => ESCAPES[pair] as string)
    sums.set(path.replace(/^\.\//, ''), hash)
  }
  return sums
}
