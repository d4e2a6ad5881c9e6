import { fitText, type Palette, type Surface } from './draw.ts'
import { faultBars, type FaultBar } from './faults.ts'
import type { Kind, Line, PageRecord } from './page-record.ts'
import type { Stage } from './stage.ts'
import { GUTTER, stripOf, type Strip } from './strip.ts'
import { clockText, nodesText } from './text.ts'

/** What a timeline draws, and at which heights. */
export interface Timeline {
  bars: FaultBar[]
  lines: Record<Kind, Line[]>
  rowHeight: number
  /** The top of each lane, in the order in which they stand. */
  tops: Record<'phases' | 'faults' | 'broken' | 'events' | 'daemons', number>
  height: number
}

/** Sorts a story into lanes. */
export function createTimeline ({ story, untilMs }: PageRecord): Timeline {
  const bars = faultBars(story, untilMs)
  const rows = bars.reduce((most, { row }) => Math.max(most, row + 1), 1)
  const rowHeight = rows <= 8 ? 20 : Math.max(3, Math.floor(160 / rows))
  const lines: Record<Kind, Line[]> = { phase: [], fault: [], mended: [], broken: [], event: [], life: [] }
  for (const line of story) lines[line[1]]?.push(line)
  const broken = 28 + rows * rowHeight + 4
  const tops = { phases: 2, faults: 28, broken, events: broken + 24, daemons: broken + 54 }
  return { bars, lines, rowHeight, tops, height: tops.daemons + 28 }
}

export function drawTimeline (
  { context, width, height }: Surface, palette: Palette, stage: Stage, timeline: Timeline
): void {
  const strip = stripOf(stage, width)
  context.fillStyle = palette.muted
  context.textAlign = 'right'
  for (const [lane, top] of Object.entries(timeline.tops)) context.fillText(lane, GUTTER - 8, top + 11)
  context.textAlign = 'left'
  context.save()
  context.beginPath()
  context.rect(GUTTER, 0, strip.inner, height)
  context.clip()
  drawPhases(context, palette, timeline, strip)
  drawBars(context, palette, timeline, strip)
  drawBroken(context, palette, timeline, strip)
  drawDensity(context, palette.accent, timeline.lines.event, strip, timeline.tops.events)
  drawDensity(context, palette.muted, timeline.lines.life, strip, timeline.tops.daemons)
  context.restore()
}

export function drawPhases (
  context: CanvasRenderingContext2D, palette: Palette, { lines, tops }: Timeline, { xOf, right }: Strip
): void {
  for (const [index, [atMs, , , text]] of lines.phase.entries()) {
    const next = lines.phase[index + 1]
    const [from, to] = [Math.max(GUTTER, xOf(atMs)), next === undefined ? right : Math.min(right, xOf(next[0]))]
    if (to <= from) continue
    context.globalAlpha = index % 2 === 0 ? 0.1 : 0.2
    context.fillStyle = palette.ink
    context.fillRect(from, tops.phases, to - from - 1, 20)
    context.globalAlpha = 1
    fitText(context, text, from + 6, tops.phases + 10.5, to - from - 10)
  }
}

export function drawBars (
  context: CanvasRenderingContext2D, palette: Palette, { bars, rowHeight, tops }: Timeline, { xOf, right }: Strip
): void {
  const nextInRow = new Map<number, number>()
  for (const { fromMs, toMs, text, row } of bars.toReversed()) {
    const isOpen = toMs === undefined
    const [from, to] = [xOf(fromMs), isOpen ? right : Math.max(xOf(toMs), xOf(fromMs) + 3)]
    const limit = Math.min(right, nextInRow.get(row) ?? right)
    nextInRow.set(row, from)
    if (to < GUTTER || from > right) continue
    const y = tops.faults + row * rowHeight
    const thick = Math.max(2, rowHeight - 3)
    context.fillStyle = palette.fault
    context.globalAlpha = 0.32
    context.fillRect(from, y, to - from, thick)
    context.globalAlpha = 1
    context.fillRect(from, y, 2, thick)
    if (rowHeight < 12) continue
    context.fillStyle = palette.ink
    const start = Math.max(from, GUTTER) + 7
    fitText(context, isOpen ? `${text}, never mended` : text, start, y + thick / 2 + 0.5, limit - start - 4)
  }
}

export function drawBroken (
  context: CanvasRenderingContext2D, palette: Palette, { lines, tops }: Timeline, { xOf, right }: Strip
): void {
  context.fillStyle = palette.broken
  const y = tops.broken + 10
  for (const [index, [atMs, , , text]] of lines.broken.entries()) {
    const x = xOf(atMs)
    if (x < GUTTER - 6 || x > right + 6) continue
    context.beginPath()
    for (const [across = 0, down = 0] of [[0, -6], [6, 0], [0, 6], [-6, 0]]) context.lineTo(x + across, y + down)
    context.fill()
    const next = lines.broken[index + 1]
    const limit = next === undefined ? right : Math.min(right, xOf(next[0]) - 8)
    fitText(context, text, x + 10, y + 0.5, limit - x - 12)
  }
}

/** Ticks, higher where more fall upon the same place: ten times as many are one step more. */
export function drawDensity (
  context: CanvasRenderingContext2D, colour: string, lines: readonly Line[], { xOf, inner }: Strip, top: number
): void {
  const bins = new Map<number, number>()
  for (const [atMs] of lines) {
    const bin = Math.floor((xOf(atMs) - GUTTER) / 2)
    if (bin >= 0 && bin * 2 <= inner) bins.set(bin, (bins.get(bin) ?? 0) + 1)
  }
  context.fillStyle = colour
  for (const [bin, count] of bins) {
    const tick = Math.min(24, 6 + 8 * Math.log10(count))
    context.fillRect(GUTTER + bin * 2, top + 24 - tick, 1.5, tick)
  }
}

/** Where the pointer is in a chart, and how much time a little beside it is. */
export interface Pointed { atMs: number, y: number, slackMs: number }

/** What lies under the pointer, in a few lines. */
export function describeTimeline (
  stage: Stage, { bars, lines, rowHeight, tops }: Timeline, { atMs, y, slackMs }: Pointed
): string[] {
  const { names, untilMs } = stage.record
  const tell = ([lineMs, , nodes, text]: Line): string =>
    `${clockText(lineMs)}  ${text}${nodes.length === 0 ? '' : ` (${nodesText(nodes, names)})`}`
  if (y < tops.faults) return lines.phase.filter(([lineMs]) => lineMs <= atMs).slice(-1).map(tell)
  if (y < tops.broken) {
    const row = Math.floor((y - tops.faults) / rowHeight)
    return bars.filter(bar => bar.row === row)
      .filter(({ fromMs, toMs }) => fromMs <= atMs + slackMs && (toMs ?? untilMs) >= atMs - slackMs)
      .map(({ fromMs, toMs, text, nodes }) => {
        const until = toMs === undefined ? 'and never mended' : `to ${clockText(toMs)}`
        return `${clockText(fromMs)} ${until}  ${text}${nodes.length === 0 ? '' : ` (${nodesText(nodes, names)})`}`
      })
  }
  const lane = y < tops.events ? lines.broken : y < tops.daemons ? lines.event : lines.life
  const near = lane.filter(([lineMs]) => Math.abs(lineMs - atMs) <= slackMs)
  return [...near.slice(0, 6).map(tell), ...near.length > 6 ? [`and ${near.length - 6} more`] : []]
}
