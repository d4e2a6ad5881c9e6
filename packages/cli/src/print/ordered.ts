const { compare: compareWords } = new Intl.Collator('en', { numeric: true })

/**
 * The rows in the order of what `keyOf` reads of them: numbers as numbers, words so that `n10` comes after `n2`. Those
 * of which nothing is known come last, whichever way the rest goes; equal ones keep their order.
 */
export function ordered<Row> (
  rows: readonly Row[], keyOf: (row: Row) => number | string | undefined, descending: boolean
): Row[] {
  const sign = descending ? -1 : 1
  return rows.toSorted((one, other) => {
    const [a, b] = [keyOf(one), keyOf(other)]
    if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined)
    return sign * (typeof a === 'number' && typeof b === 'number' ? a - b : compareWords(String(a), String(b)))
  })
}
