import type { PlacementExplanation } from '@welkin/abi'
import { COST_COLUMNS, costCells } from '../node/cost.ts'
import { formatTable, numberColumns, type Column } from '../print/table.ts'
import { formatCount, formatNumber, onOneLine } from '../print/words.ts'

const COLUMNS: Column[] = ['CANDIDATE', 'ZONE', ...COST_COLUMNS, ...numberColumns('ASKED', 'TOOK'), 'REFUSAL']

/** Why objects went where they went, for people: what was looked for, and the candidates in order; in lines. */
export function formatExplanation ({ query, matched, silent, candidates }: PlacementExplanation): string {
  const rows = candidates.map(({ name, zone, cost, asked, taken, refusal = '' }) => [
    onOneLine(name), zone, ...costCells(cost), formatNumber(asked), formatNumber(taken), onOneLine(refusal)
  ])
  const others = matched - candidates.length
  return [
    `Looked for: ${onOneLine(query)}`,
    formatTable(COLUMNS, rows).trimEnd(),
    ...others > 0 ? [`${formatCount(others, 'more node')} matched.`] : [],
    ...silent.length > 0 ? [`No answer from ${silent.join(', ')}, where there may be more.`] : []
  ].join('\n')
}
