/** Those of `known` that somebody who typed `name` may have meant, the nearest first; at most three. */
export function nearNames (name: string, known: Iterable<string>): string[] {
  const distanceMax = name.length < 4 ? 1 : Math.max(2, Math.floor(name.length / 3))
  return [...new Set(known)]
    .map(candidate => ({ candidate, distance: editDistance(name, candidate) }))
    .filter(({ distance }) => distance <= distanceMax)
    .toSorted((one, other) => one.distance - other.distance || (one.candidate < other.candidate ? -1 : 1))
    .slice(0, 3)
    .map(({ candidate }) => candidate)
}

/** `Did you mean a or b?` with a space before it, or nothing. */
export function didYouMean (name: string, known: Iterable<string>): string {
  const near = nearNames(name, known)
  return near.length === 0 ? '' : ` Did you mean ${near.join(' or ')}?`
}

/** Letters to insert, remove or replace to make one of the other (Levenshtein 1966). */
function editDistance (one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, column) => column)
  for (const [at, letter] of [...one].entries()) {
    const next = [at + 1]
    for (let column = 1; column <= other.length; column++) {
      const replaced = cell(row, column - 1) + (letter === other[column - 1] ? 0 : 1)
      next.push(Math.min(cell(row, column) + 1, cell(next, column - 1) + 1, replaced))
    }
    row = next
  }
  return cell(row, other.length)
}

function cell (row: readonly number[], column: number): number {
  return row[column] as number
}
