import type { Member } from '../site/site-table.ts'

/**
 * Who speaks for a site: those of its nodes that are up and have the lowest handles. Nobody elects them: whoever knows
 * the same nodes finds the same delegates, and while views differ one more or less speaks, which does no harm.
 */
export function delegatesAmong (members: Iterable<Member>, count: number): Member[] {
  return [...members].filter(({ view }) => view.state === 'up').toSorted((a, b) => a.handle - b.handle).slice(0, count)
}
