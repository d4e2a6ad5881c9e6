import type { Condition, NodeQuery } from '@welkin/abi'
import type { NodeView, SiteSummary } from '@welkin/interface'
import { checkQuery } from './check.ts'
import { expectedShare, sidesOf } from './expected-share.ts'
import { formatOperand } from './format.ts'
import { compileCondition } from './matcher.ts'
import type { Surroundings } from './surroundings.ts'

/** Why a query has no answer. */
export interface WhyNot {
  /** How many nodes were looked at. */
  nodes: number
  /** What has to be met all at once, and how many nodes meet each by itself. */
  clauses: Array<{ text: string, met: number }>
  /** One or more of these that no node meets together, while some node meets any fewer of them. */
  conflict: string[]
  /** The same in a sentence. */
  message: string
}

/** One or more nodes about which the same is known, and which of the clauses they meet. */
interface Witness { count: number, meets: readonly boolean[] }

/**
 * Which part of the condition excludes all nodes; undefined if some node matches. `sites`: those that were not asked,
 * since none of their nodes can match; there a clause counts as met by all nodes if any of them may meet it. Throws
 * EINVAL as `checkQuery` does.
 */
export function whyNot (
  query: NodeQuery, nodes: readonly NodeView[], surroundings: Surroundings, sites: readonly SiteSummary[] = []
): WhyNot | undefined {
  checkQuery(query)
  const clauses = conjunctsOf(query.where)
  const tests = clauses.map(clause => compileCondition(clause, surroundings))
  const witnesses: Witness[] = [
    ...nodes.map(node => ({ count: 1, meets: tests.map(test => test(node)) })),
    ...sites.flatMap(sidesOf).map(side => ({
      count: side.count, meets: clauses.map(clause => expectedShare(clause, side, surroundings) > 0)
    }))
  ]
  const all = [...clauses.keys()]
  if (isMet(all, witnesses)) return undefined
  const total = countOf(witnesses)
  const counted = clauses.map((clause, at) => ({
    text: formatOperand(clause), met: countOf(witnesses.filter(({ meets }) => meets[at]))
  }))
  const conflict = smallConflict(all, witnesses).map(at => counted[at] as WhyNot['clauses'][number])
  const message = explain(total, counted.filter(({ met }) => met === 0), conflict)
  return { nodes: total, clauses: counted, conflict: conflict.map(({ text }) => text), message }
}

function conjunctsOf (where: Condition | undefined): Condition[] {
  if (where === undefined) return []
  return where.kind === 'all' ? where.of.flatMap(conjunctsOf) : [where]
}

function countOf (witnesses: readonly Witness[]): number {
  return witnesses.reduce((sum, { count }) => sum + count, 0)
}

function isMet (clauses: readonly number[], witnesses: readonly Witness[]): boolean {
  return witnesses.some(({ meets }) => clauses.every(at => meets[at]))
}

/** Of clauses that nobody meets together, some that nobody meets either, and of which none is needless. */
function smallConflict (clauses: readonly number[], witnesses: readonly Witness[]): readonly number[] {
  if (witnesses.length === 0) return [] // there is nothing that a clause could exclude
  const alone = clauses.find(at => !isMet([at], witnesses))
  if (alone !== undefined) return [alone]
  return clauses.reduce((left, at) => {
    const without = left.filter(other => other !== at)
    return isMet(without, witnesses) ? left : without
  }, clauses)
}

/** `excluding`: clauses that nobody meets. */
function explain (total: number, excluding: WhyNot['clauses'], conflict: WhyNot['clauses']): string {
  if (total === 0) return 'No node is known that could match.'
  const nobody = total === 1 ? 'The one node that is known does not meet' : `None of ${total} nodes meets`
  if (excluding.length > 0) return `${nobody} ${excluding.map(({ text }) => text).join(', nor ')}.`
  return `${nobody} all of these at once: ${conflict.map(({ met, text }) => `${text} (met by ${met})`).join(', ')}.`
}
