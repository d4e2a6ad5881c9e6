import { prepare, readPalette, showTip, type Palette, type Surface } from './draw.ts'
import { lastAtOrBefore } from './page-record.ts'
import { drawSeries, seriesOf } from './plots.ts'
import { goTo, setPlaying, showStretch, zoom, type Stage } from './stage.ts'
import { fractionOf, GUTTER, RIGHT, stripOf } from './strip.ts'
import { clockText, element, niceSpanMs, part } from './text.ts'
import { createTimeline, describeTimeline, drawTimeline, type Pointed } from './timeline.ts'

/** One strip of the stack. */
export interface Chart {
  canvas: HTMLCanvasElement
  height: number
  draw: (surface: Surface, palette: Palette) => void
  /** Tells its value at a moment; where it has one. */
  read?: (atMs: number) => void
  describe?: (pointed: Pointed) => string[]
}

/** The timeline and the plots, one below the other with the same moments: and one cursor through them all. */
export function mountCharts (stage: Stage): void {
  const stack = part('stack')
  const charts = [axisChart(stage), timelineChart(stage), ...plotCharts(stage), axisChart(stage)]
  const [cursor, ghost, choice] = [part('cursor'), part('ghost'), part('choice')]
  const inner = (): number => stack.clientWidth - GUTTER - RIGHT
  const leftOf = (ms: number): number => GUTTER + fractionOf(stage, ms) * inner()
  const placeCursor = (): void => {
    cursor.style.transform = `translateX(${leftOf(stage.atMs)}px)`
    cursor.hidden = stage.atMs < stage.fromMs || stage.atMs > stage.toMs
  }
  const read = (atMs: number): void => {
    for (const chart of charts) chart.read?.(atMs)
  }
  const redraw = (): void => {
    const palette = readPalette()
    for (const { canvas, height, draw } of charts) {
      const surface = prepare(canvas, height)
      drawGrid(surface, palette, stage)
      draw(surface, palette)
    }
  }
  stage.watchers.push(change => {
    if (change === 'view' || change === 'look') redraw()
    if (change === 'moment') read(stage.atMs)
    placeCursor()
  })
  followPointer(stage, { stack, ghost, choice, charts, inner, read })
  part('zoom-in').addEventListener('click', () => zoom(stage, 0.5))
  part('zoom-out').addEventListener('click', () => zoom(stage, 2))
  part('zoom-all').addEventListener('click', () => showStretch(stage, 0, stage.record.untilMs))
}

/** Hovering reads, a click jumps, a drag zooms to what it covers, a double click shows all. */
export function followPointer (stage: Stage, { stack, ghost, choice, charts, inner, read }: {
  stack: HTMLElement, ghost: HTMLElement, choice: HTMLElement, charts: readonly Chart[]
  inner: () => number, read: (atMs: number) => void
}): void {
  let startX: number | undefined
  const xOf = (event: PointerEvent): number =>
    Math.min(Math.max(GUTTER, event.clientX - stack.getBoundingClientRect().left), GUTTER + inner())
  const msAt = (x: number): number => stage.fromMs + (x - GUTTER) / inner() * (stage.toMs - stage.fromMs)
  const isDrag = (x: number): boolean => startX !== undefined && Math.abs(x - startX) > 6
  stack.addEventListener('pointerdown', event => {
    if (event.button === 0) startX = xOf(event)
  })
  stack.addEventListener('pointermove', event => {
    const x = xOf(event)
    ghost.hidden = false
    ghost.style.transform = `translateX(${x}px)`
    read(msAt(x))
    choice.hidden = !isDrag(x)
    if (startX !== undefined) {
      choice.style.left = `${Math.min(x, startX)}px`
      choice.style.width = `${Math.abs(x - startX)}px`
    }
    const chart = charts.find(({ canvas }) => canvas === event.target)
    const slackMs = 4 / inner() * (stage.toMs - stage.fromMs)
    const told = chart?.describe?.({ atMs: msAt(x), y: event.offsetY, slackMs }) ?? []
    showTip(event, [clockText(msAt(x)), ...told])
  })
  stack.addEventListener('pointerup', event => {
    const x = xOf(event)
    if (startX === undefined) return
    if (isDrag(x) && event.pointerType === 'mouse') {
      showStretch(stage, msAt(Math.min(x, startX)), msAt(Math.max(x, startX)))
    } else {
      setPlaying(stage, false)
      goTo(stage, msAt(x))
    }
    startX = undefined
    choice.hidden = true
  })
  const leave = (): void => {
    startX = undefined
    ghost.hidden = choice.hidden = true
    showTip(undefined, [])
    read(stage.atMs)
  }
  stack.addEventListener('pointerleave', leave)
  stack.addEventListener('pointercancel', leave)
  stack.addEventListener('dblclick', () => showStretch(stage, 0, stage.record.untilMs))
}

/** The moments at which a line goes through all charts. */
export function ticksOf ({ fromMs, toMs }: Stage, width: number): number[] {
  const step = niceSpanMs((toMs - fromMs) / Math.max(1, width / 90))
  const first = Math.ceil(fromMs / step)
  return Array.from({ length: Math.max(0, Math.floor(toMs / step) - first + 1) }, (_, index) => (first + index) * step)
}

export function drawGrid ({ context, width, height }: Surface, palette: Palette, stage: Stage): void {
  const { xOf, inner, right } = stripOf(stage, width)
  context.fillStyle = palette.line
  context.globalAlpha = 0.6
  for (const ms of ticksOf(stage, inner)) context.fillRect(Math.round(xOf(ms)), 0, 1, height)
  context.globalAlpha = 1
  context.fillStyle = palette.broken
  for (const [atMs, kind] of stage.record.story) {
    const x = kind === 'broken' ? xOf(atMs) : -1
    if (x >= GUTTER && x <= right) context.fillRect(x - 0.5, 0, 1, height)
  }
}

/** The clock above and below the charts. */
export function axisChart (stage: Stage): Chart {
  const canvas = addStrip(undefined, 'The clock of the run')
  return {
    canvas, height: 18,
    draw: ({ context, width, height }, palette) => {
      context.clearRect(0, 0, width, height)
      context.fillStyle = palette.muted
      const { xOf, inner } = stripOf(stage, width)
      for (const ms of ticksOf(stage, inner)) {
        const text = clockText(ms).replace(/\.0$/, '')
        const half = context.measureText(text).width / 2
        context.fillText(text, Math.min(xOf(ms) - half, width - 2 * half), 9)
      }
    }
  }
}

export function timelineChart (stage: Stage): Chart {
  const timeline = createTimeline(stage.record)
  const { phase, broken, event } = timeline.lines
  const canvas = addStrip(undefined, `Timeline: ${phase.length} phases, ${timeline.bars.length} faults, ` +
    `${broken.length} broken invariants, ${event.length} events of the cloud. The story below has them all as text.`)
  return {
    canvas, height: timeline.height,
    draw: (surface, palette) => drawTimeline(surface, palette, stage, timeline),
    describe: pointed => describeTimeline(stage, timeline, pointed)
  }
}

export function plotCharts (stage: Stage): Chart[] {
  const { samples } = stage.record
  if (samples.atMs.length === 0) {
    part('stack').append(element('p', { class: 'none', text: 'No samples were taken: there is nothing to plot.' }))
    return []
  }
  return seriesOf(stage.record).map(series => {
    const output = element('output', { text: '–' })
    const most = series.values.reduce((top, value) => value > top ? value : top, 0)
    const title = most > series.top ? `${series.title} (at most ${series.show(most)})` : series.title
    const head = element('div', { class: 'plot-head' }, [element('span', { text: title }), output])
    return {
      canvas: addStrip(head, `${series.title} over time; at most ${series.show(most)}`), height: 76,
      draw: (surface: Surface, palette: Palette) => drawSeries(surface, palette, stage, series),
      read: (atMs: number) => {
        const value = series.values[Math.max(0, lastAtOrBefore(samples.atMs, atMs))] ?? Number.NaN
        output.textContent = Number.isFinite(value) ? series.show(value) : '–'
      }
    }
  })
}

/** A canvas at the end of the stack, below its heading. */
export function addStrip (head: HTMLElement | undefined, label: string): HTMLCanvasElement {
  const canvas = element('canvas', { role: 'img', 'aria-label': label })
  part('stack').append(...head === undefined ? [] : [head], canvas)
  return canvas
}
