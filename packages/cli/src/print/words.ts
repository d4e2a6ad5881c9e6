// A name or an argument must not steer the terminal of who lists it.
const CONTROLS = /\p{Cc}+/gu
const PLAIN = /^[\w@%+=:,./-]+$/

/** A program and its arguments on one line, quoted as a shell would need them. */
export function formatArgv (argv: readonly string[]): string {
  return argv.map(word => PLAIN.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`).join(' ').replaceAll(CONTROLS, ' ')
}

/** At most `length` characters; what is cut off leaves a `…`. */
export function shorten (text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`
}

/** `1 object`, `2 objects`, `10,881 files`. */
export function formatCount (count: number, thing: string): string {
  return `${formatNumber(count)} ${thing}${count === 1 ? '' : 's'}`
}

export function formatNumber (value: number): string {
  return value.toLocaleString('en-US')
}
