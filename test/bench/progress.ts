/** Says on standard error how far a long bench has come, so that who waits knows that it goes on. */
export function tell (text: string): void {
  process.stderr.write(`${performance.now() / 1000 | 0} s  ${text}\n`)
}
