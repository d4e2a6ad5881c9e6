import type { LinkQuality } from './quality.ts'
import type { LinkRule, LinkTable } from './table.ts'

/** One link, or all from one zone to another. */
export interface LinkEnds { from: string, to: string }

/**
 * The table with one link changed: what was said of exactly these ends before and is not said anew stays, and all of it
 * comes last, so that it wins.
 */
export function changeLink (table: LinkTable, { from, to }: LinkEnds, change: Partial<LinkQuality>): LinkTable {
  const before = table.rules.filter(isAbout({ from, to }))
  const cleared = clearLink(table, { from, to })
  return { ...cleared, rules: [...cleared.rules, Object.assign({}, ...before, { from, to }, change) as LinkRule] }
}

/** The table without what its rules say of exactly these ends. */
export function clearLink (table: LinkTable, ends: LinkEnds): LinkTable {
  const isMeant = isAbout(ends)
  return { ...table, rules: table.rules.filter(rule => !isMeant(rule)) }
}

function isAbout ({ from, to }: LinkEnds): (rule: LinkRule) => boolean {
  return rule => rule.from === from && rule.to === to
}
