import type { Palette, Surface } from './draw.ts'
import { countUp, type PageRecord } from './page-record.ts'
import type { Stage } from './stage.ts'
import { GUTTER, stripOf } from './strip.ts'
import { niceCeiling, numberText } from './text.ts'

/** One figure of the cloud over time. */
export interface Series {
  title: string
  /** By the index of the sample; NaN: there is none. */
  values: readonly number[]
  /** The top of the plot, whose bottom is 0; a few values may lie above it. */
  top: number
  show: (value: number) => string
}

/** What the page plots; traffic is a second's, and each node's that is up. */
export function seriesOf (record: PageRecord): Series[] {
  const { samples, samplePeriodMs } = record
  const up = countUp(record)
  const each = (totals: readonly number[]): number[] => totals.map((total, index) =>
    (up[index] ?? 0) > 0 && samplePeriodMs > 0 ? total / (samplePeriodMs / 1000) / (up[index] as number) : Number.NaN)
  const plain = (title: string, values: readonly number[], show: Series['show'] = numberText): Series =>
    ({ title, values, show, top: topOf(values) })
  return [
    {
      title: 'Share of pairs seen', values: samples.seenRatio, top: 1,
      show: value => `${(value * 100).toFixed(value > 0.99 && value < 1 ? 2 : 0)}%`
    },
    plain('Ghosts', samples.ghosts),
    plain('Tasks running', samples.tasksRunning),
    plain('Messages sent, a node', each(samples.messages), value => `${numberText(value)}/s`),
    plain('Bytes sent, a node', each(samples.bytes),
      value => `${numberText(value).replace(/[kMG]?$/, ' $&')}B/s`)
  ]
}

/** High enough for all values; but a few that stand out are cut off, so that the others can be told apart. */
export function topOf (values: readonly number[]): number {
  const sorted = values.filter(Number.isFinite).toSorted((a, b) => a - b)
  const most = sorted.at(-1) ?? 0
  const usual = sorted[Math.floor(sorted.length * 0.97)] ?? 0
  return niceCeiling(usual > 0 && most > 4 * usual ? usual * 1.5 : most)
}

/** Draws one figure as a line above a tinted field. */
export function drawSeries ({ context, width, height }: Surface, palette: Palette, stage: Stage, series: Series): void {
  const { atMs } = stage.record.samples
  const [bottom, top] = [height - 4, 6]
  const yOf = (value: number): number => bottom - value / series.top * (bottom - top)
  const { xOf, inner } = stripOf(stage, width)
  context.fillStyle = palette.muted
  context.textAlign = 'right'
  context.fillText(series.show(series.top), GUTTER - 6, top + 2)
  context.fillText('0', GUTTER - 6, bottom - 3)
  context.textAlign = 'left'
  context.strokeStyle = palette.line
  context.lineWidth = 1
  context.strokeRect(GUTTER + 0.5, top - 0.5, inner - 1, bottom - top + 1)
  context.save()
  context.beginPath()
  context.rect(GUTTER, top - 2, inner, height)
  context.clip()
  for (const run of unbroken(series.values)) {
    context.beginPath()
    for (const index of run) context.lineTo(xOf(atMs[index] ?? 0), yOf(series.values[index] ?? 0))
    context.strokeStyle = context.fillStyle = palette.accent
    context.lineWidth = 1.5
    context.stroke()
    context.lineTo(xOf(atMs[run.at(-1) ?? 0] ?? 0), bottom)
    context.lineTo(xOf(atMs[run[0] ?? 0] ?? 0), bottom)
    context.globalAlpha = 0.14
    context.fill()
    context.globalAlpha = 1
  }
  context.restore()
}

/** The stretches of indexes at which there is a value. */
export function unbroken (values: readonly number[]): number[][] {
  const runs: number[][] = [[]]
  for (const [index, value] of values.entries()) {
    if (Number.isFinite(value)) runs.at(-1)?.push(index)
    else if (runs.at(-1)?.length !== 0) runs.push([])
  }
  return runs.filter(run => run.length > 0)
}
