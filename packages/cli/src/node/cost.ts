import type { CostVector } from '@welkin/interface'
import { formatAge, formatRtt, formatSpan } from '../print/durations.ts'
import { formatRate } from '../print/sizes.ts'
import { numberColumns } from '../print/table.ts'
import { formatNumber, formatShare, orDash } from '../print/words.ts'

/** The terms of a cost vector. */
export const COST_COLUMNS = numberColumns('RTT', 'BANDWIDTH', 'TRANSFER', 'START', 'PRICE', 'LOAD', 'AGE')

/** A cost vector as cells below these; what is unknown is a dash. */
export function costCells (cost: CostVector): string[] {
  return [
    orDash(cost.rttMs, rttMs => formatRtt(rttMs, cost.rttErrorMs)),
    orDash(cost.bandwidthBytesPerSecond, formatRate),
    orDash(cost.transferMs, formatSpan),
    orDash(cost.startDelayMs, formatSpan),
    orDash(cost.price, formatNumber),
    formatShare(cost.load),
    formatAge(cost.ageMs)
  ]
}
