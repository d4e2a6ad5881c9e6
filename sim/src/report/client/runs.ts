/** Small whole numbers as text: a character for each run of equal ones, then its length where above one. */
export function encodeRuns (values: readonly number[]): string {
  let text = ''
  for (let start = 0; start < values.length;) {
    let end = start + 1
    while (end < values.length && values[end] === values[start]) end++
    text += String.fromCharCode(65 + (values[start] ?? 0)) + (end - start === 1 ? '' : String(end - start))
    start = end
  }
  return text
}

/** The `count` numbers that `encodeRuns` wrote; 0 where it wrote fewer. */
export function decodeRuns (text: string, count: number): Uint16Array {
  const values = new Uint16Array(count)
  let next = 0
  for (const [, letter = '', length] of text.matchAll(/(\D)(\d*)/g)) {
    const end = next + Number(length || 1)
    values.fill(letter.charCodeAt(0) - 65, next, end)
    next = end
  }
  return values
}
