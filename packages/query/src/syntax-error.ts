import { CloudError } from '@welkin/interface'

// The caret stands below its character only as long as both lines fit into one row of a terminal.
const SHOWN_BEFORE_MAX = 50
const SHOWN_AFTER_MAX = 26
const CONTROLS = /\p{Cc}/gu

/**
 * EINVAL with the sentence `problem`, the line of `text` and a caret below the character at `at`. Its fields: `at`, and
 * `expected` where something else would be right.
 */
export function syntaxError (text: string, at: number, problem: string, expected?: string): CloudError {
  const start = text.lastIndexOf('\n', at - 1) + 1
  const end = text.indexOf('\n', at)
  const before = Array.from(text.slice(start, at))
  const after = Array.from(text.slice(at, end < 0 ? text.length : end))
  const shown = [
    ...before.length > SHOWN_BEFORE_MAX ? ['…'] : [], ...before.slice(-SHOWN_BEFORE_MAX)
  ].join('')
  const rest = [...after.slice(0, SHOWN_AFTER_MAX), ...after.length > SHOWN_AFTER_MAX ? ['…'] : []].join('')
  const caret = `${' '.repeat(Array.from(shown).length)}^`
  const lines = [`The query cannot be read. ${problem}`, `  ${shown}${rest}`, `  ${caret}`]
  return new CloudError('EINVAL', lines.map(line => line.replaceAll(CONTROLS, ' ')).join('\n'), {
    fields: expected === undefined ? { at } : { at, expected }
  })
}
