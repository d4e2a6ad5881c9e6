/**
 * Whether the whole text is like the pattern, in which `*` stands for any text, also none, and `?` for one character.
 * In time of at most the product of both lengths: a pattern comes from strangers, and a regular expression made of one
 * may take for ever.
 */
export function isLike (text: string, pattern: string): boolean {
  let [textAt, patternAt] = [0, 0]
  // The last star, and the text that it has taken so far: where the rest does not fit, it takes one more.
  let [starAt, takenTo] = [-1, 0]
  while (textAt < text.length) {
    const wanted = pattern[patternAt]
    if (wanted === '*') {
      [starAt, takenTo] = [patternAt++, textAt]
    } else if (wanted === '?' || wanted === text[textAt]) {
      textAt++
      patternAt++
    } else if (starAt >= 0) {
      textAt = ++takenTo
      patternAt = starAt + 1
    } else {
      return false
    }
  }
  while (pattern[patternAt] === '*') patternAt++
  return patternAt === pattern.length
}
