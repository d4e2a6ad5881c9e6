import type { NodeView, NumberSummary, SiteSummary } from '@welkin/interface'
import { ATTRIBUTES, type Attribute } from './attributes.ts'
import { summariseNumbers } from './histogram.ts'

/** More different words than this are not listed. */
const WORDS_MAX = 32

/** What time it is there, and who looks, decides about these; a summary would be wrong when it arrives. */
const PASSING = ['age']

/**
 * What the nodes of one site have together; its size is bounded, however many they are. An attribute whose words are
 * too many, or which is a word that some node does not have, is left out: then anything may occur.
 */
export function summarise (nodes: readonly NodeView[]): Pick<SiteSummary, 'up' | 'down' | 'numbers' | 'words'> {
  const up = nodes.filter(({ state }) => state === 'up')
  const numbers: Record<string, NumberSummary> = {}
  const words: Record<string, readonly string[]> = {}
  for (const [name, attribute] of ATTRIBUTES) {
    if (PASSING.includes(name)) continue
    if (attribute.kind === 'number') {
      const summary = summariseNumbers(up.map(attribute.of).filter(value => value !== undefined))
      if (summary !== undefined) numbers[name] = summary
    } else {
      const found = wordsOf(up, attribute)
      if (found !== undefined) words[name] = found
    }
  }
  return { up: up.length, down: nodes.length - up.length, numbers, words }
}

function wordsOf (nodes: readonly NodeView[], attribute: Exclude<Attribute, { kind: 'number' }>): string[] | undefined {
  const found = new Set<string>()
  for (const node of nodes) {
    const told = attribute.of(node)
    if (told === undefined) return undefined
    for (const word of typeof told === 'string' ? [told] : told) found.add(word)
    if (found.size > WORDS_MAX) return undefined
  }
  return [...found].toSorted()
}
