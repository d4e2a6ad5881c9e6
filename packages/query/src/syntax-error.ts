import { CloudError } from '@welkin/interface'

// A caret stands right only below what a terminal shows in one row, each character in one column.
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
  const line = `  ${shown}${rest}`.replaceAll(CONTROLS, ' ')
  const caret = `${' '.repeat(2 + Array.from(shown).length)}^`
  return new CloudError('EINVAL', `The query cannot be read. ${problem}\n${line}\n${caret}`, {
    fields: expected === undefined ? { at } : { at, expected }
  })
}
