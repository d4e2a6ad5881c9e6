import { siteOf, type Zone } from '@welkin/interface'
import type { Outcome } from './play.ts'

/** One figure in both worlds. */
export interface Comparison {
  what: string
  simulated: number
  real: number
  /** Simulated by real; undefined where there is nothing to divide by. */
  ratio?: number | undefined
  /** Whether they differ by more than a fifth, and by more than can be told apart. */
  differs: boolean
}

const TOLERANCE = 0.2

/** Real daemons are looked at five times a second, and are busy with their start when they first answer. */
const SECONDS_APART_MIN = 0.5

/** What is compared, and what it is called. */
const FIGURES = {
  joinedSeconds: 'seconds to the full view, after the last had joined',
  recoveredSeconds: 'seconds to the full view, after the last fault',
  noticedSeconds: 'seconds until all knew of a loss',
  callsPerSecond: 'requests and answers, a node and second',
  payloadBytesPerSecond: 'bytes of these',
  messagesPerSecond: 'messages on the line, a node and second',
  bytesPerSecond: 'bytes on the line',
  acknowledged: 'objects acknowledged',
  refused: 'objects refused',
  unanswered: 'calls without an answer',
  exited: 'objects that ended well',
  lost: 'objects lost',
  restarted: 'objects restarted'
} as const

/** The figures of two runs of one scenario side by side, with the share of objects in each site and rack. Pure. */
export function compareOutcomes (simulated: Outcome, real: Outcome): Comparison[] {
  const figures = Object.entries(FIGURES).flatMap(([name, what]) => {
    const [one, other] = [simulated.figures[name], real.figures[name]]
    const apartMin = name.endsWith('Seconds') ? SECONDS_APART_MIN : 0
    return one === undefined || other === undefined ? [] : compared(what, one, other, apartMin)
  })
  const [virtualShares, realShares] = [sharesOf(simulated), sharesOf(real)]
  const zones = [...new Set([...virtualShares.keys(), ...realShares.keys()])].toSorted()
  const shares = zones.map(zone => {
    const [one, other] = [virtualShares.get(zone) ?? 0, realShares.get(zone) ?? 0]
    const apartMin = chanceOf((one + other) / 2, countOf(simulated), countOf(real))
    return compared(`share of objects in ${zone}`, one, other, apartMin)
  })
  return [...figures, ...shares]
}

function compared (what: string, simulated: number, real: number, apartMin: number): Comparison {
  if (simulated === real) return { what, simulated, real, ratio: 1, differs: false }
  const ratio = real === 0 ? undefined : simulated / real
  const isNear = ratio !== undefined && Math.max(ratio, 1 / ratio) <= 1 + TOLERANCE
  return { what, simulated, real, ratio, differs: !isNear && !(Math.abs(simulated - real) <= apartMin) }
}

/** How far apart two shares may be by chance: two standard errors of the difference of two such samples. */
function chanceOf (share: number, ...counts: readonly number[]): number {
  return 2 * Math.sqrt(share * (1 - share) * counts.reduce((sum, count) => sum + 1 / count, 0))
}

function countOf ({ objects }: Outcome): number {
  return Object.values(objects).reduce((sum, count) => sum + count, 0)
}

/** By site and rack. */
function sharesOf (outcome: Outcome): Map<Zone, number> {
  const total = countOf(outcome)
  const shares = new Map<Zone, number>()
  for (const [rack, count] of Object.entries(outcome.objects)) {
    for (const zone of new Set([siteOf(rack), rack])) shares.set(zone, (shares.get(zone) ?? 0) + count / total)
  }
  return shares
}

/** As a table for people; what differs by more than a fifth is marked. */
export function formatComparison (rows: readonly Comparison[]): string {
  const cells = rows.map(({ what, simulated, real, ratio, differs }) =>
    [what, round(simulated), round(real), ratio === undefined ? '-' : ratio.toFixed(2), differs ? '*' : ''])
  const all = [['', 'simulated', 'real', 'ratio', ''], ...cells]
  const widths = [0, 1, 2, 3].map(column => Math.max(...all.map(row => (row[column] as string).length)))
  return all.map(([what = '', ...numbers]) => [
    what.padEnd(widths[0] as number),
    ...numbers.map((cell, column) => cell.padStart(widths[column + 1] ?? 0))
  ].join('  ').trimEnd()).join('\n')
}

function round (value: number): string {
  return String(Number(value.toPrecision(3)))
}
