// A name or an argument must not steer the terminal of who lists it.
const CONTROLS = /\p{Cc}+/gu
const PLAIN = /^[\w@%+=:,./-]+$/

/** A program and its arguments on one line, quoted as a shell would need them. */
export function formatArgv (argv: readonly string[]): string {
  return onOneLine(argv.map(quote).join(' '))
}

/** The text without line ends and whatever else a terminal would obey. */
export function onOneLine (text: string): string {
  return text.replaceAll(CONTROLS, ' ')
}

function quote (word: string): string {
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

/** At most `length` characters; what is cut off leaves a `…`. */
export function shorten (text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`
}

/** `1 object`, `2 objects`, `10,881 files`. */
export function formatCount (count: number, thing: string, things = `${thing}s`): string {
  return `${formatNumber(count)} ${count === 1 ? thing : things}`
}

export function formatNumber (value: number): string {
  return value.toLocaleString('en-US')
}

/** A ratio from 0 to 1 for people: `0 %`, `<1 %`, `42 %`. */
export function formatShare (ratio: number): string {
  return ratio > 0 && ratio < 0.01 ? '<1 %' : `${Math.round(ratio * 100)} %`
}

/** What `format` makes of a value, or a dash where there is none. */
export function orDash<T> (value: T | undefined, format: (value: T) => string): string {
  return value === undefined ? '-' : format(value)
}
