/** Words that mean something in the text of a query where no value stands; upper or lower case. */
export const KEYWORDS: readonly string[] = [
  'and', 'or', 'not', 'in', 'has', 'order', 'by', 'near', 'asc', 'desc', 'limit', 'spread'
]
