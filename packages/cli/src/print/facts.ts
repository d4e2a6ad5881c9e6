/** One thing that is known, for a list of them. */
export type Fact = readonly [name: string, value: string]

/** One line for each fact, their values below one another. */
export function formatFacts (facts: readonly Fact[]): string {
  const width = Math.max(...facts.map(([name]) => name.length))
  return facts.map(([name, value]) => `${name.padEnd(width)}  ${value}\n`).join('')
}

/** A fact where it is known, for a list that is spread. */
export function fact (name: string, value: string | undefined): Fact[] {
  return value === undefined ? [] : [[name, value]]
}
