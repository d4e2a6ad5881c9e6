import { drawMark, prepare, readPalette, showTip, type Palette } from './draw.ts'
import { fitInto, hullOf, middleOf, placeNodes, settle, type Point, type Site } from './layout.ts'
import { CONDITIONS } from './page-record.ts'
import type { Scene, Stage } from './stage.ts'
import { niceCeiling, part } from './text.ts'

/** The outline of each group of a partition: not by its colour alone. */
export const DASHES = [[], [7, 4], [2, 3], [10, 3, 2, 3], [4, 4], [12, 5]]

/** Nodes in latency space; who cannot reach each other stand in outlines that differ. */
export function mountMap (stage: Stage, sites: readonly Site[], sceneAt: (atMs: number) => Scene): void {
  const canvas = part<HTMLCanvasElement>('map')
  const { names, positions } = stage.record
  const placed = placeNodes(sites, positions)
  const isKnown = positions.some(position => position !== null)
  const biggest = sites.reduce((most, { racks }) =>
    Math.max(most, racks.reduce((sum, { nodes }) => sum + nodes.length, 0)), 1)
  let dots: Point[] = []
  let drawn: Scene | undefined
  const draw = (isForced: boolean): void => {
    const scene = sceneAt(stage.atMs)
    if (scene === drawn && !isForced) return
    drawn = scene
    const surface = prepare(canvas)
    const { context, width, height } = surface
    const palette = readPalette()
    const cell = Math.min(13, Math.max(2, Math.sqrt(width * height * 0.14 / Math.max(1, names.length))))
    const margin = Math.min(Math.min(width, height) / 3, 24 + cell * Math.sqrt(biggest / Math.PI))
    const { points, scale } = fitInto(placed, { width, height, margin })
    if (isForced) dots = settle(points, cell)
    drawGroups(context, palette, scene, { sites, dots, cell })
    for (const [node, [x, y]] of dots.entries()) {
      const condition = CONDITIONS[scene.conditions[node] ?? 0] ?? 'off'
      drawMark(context, palette, condition, { x, y, size: cell * 0.74, isRound: true })
    }
    drawSites(context, palette, { sites, dots, width, cell })
    if (isKnown) drawScale(context, palette, { scale, width, height })
  }
  stage.watchers.push(change => {
    if (change === 'moment' || change === 'look') draw(change === 'look')
  })
  part('map-note').textContent = isKnown
    ? 'Near is quick: latency space as it was at the end. Nodes that would cover each other are moved apart.'
    : 'Where the nodes stand in latency space is not known: they are laid out by site and rack.'
  tellNodes(canvas, stage, sceneAt, () => dots)
}

/** Tells about the node below the pointer. */
export function tellNodes (
  canvas: HTMLCanvasElement, stage: Stage, sceneAt: (atMs: number) => Scene, dotsNow: () => readonly Point[]
): void {
  const { names, zones } = stage.record
  canvas.addEventListener('pointermove', event => {
    let [nearest, distance] = [-1, 12]
    for (const [node, [x, y]] of dotsNow().entries()) {
      const away = Math.hypot(x - event.offsetX, y - event.offsetY)
      if (away < distance) [nearest, distance] = [node, away]
    }
    const { index, conditions, groups } = sceneAt(stage.atMs)
    const condition = index < 0 ? 'no sample was taken' : CONDITIONS[conditions[nearest] ?? 0]
    const group = groups[nearest] ?? 0
    showTip(event, nearest < 0 ? [] : [
      names[nearest] ?? '', zones[nearest] ?? '',
      `${condition}${group > 0 ? `, in part ${group} of the network` : ''}`
    ])
  })
  canvas.addEventListener('pointerleave', () => showTip(undefined, []))
}

/** An outline around what each site has of each group of a partition; alike where nodes reach each other. */
export function drawGroups (
  context: CanvasRenderingContext2D, palette: Palette, { groups }: Scene,
  { sites, dots, cell }: { sites: readonly Site[], dots: readonly Point[], cell: number }
): void {
  context.lineWidth = 2
  for (const { racks } of sites) {
    const members = new Map<number, Point[]>()
    for (const node of racks.flatMap(({ nodes }) => nodes)) {
      const group = groups[node] ?? 0
      const own = members.get(group) ?? []
      if (group > 0) members.set(group, own)
      own.push(dots[node] as Point)
    }
    for (const [group, points] of members) {
      const outline = roundedAround(hullOf(points), cell + 2)
      context.fillStyle = context.strokeStyle = palette.groups[(group - 1) % palette.groups.length] as string
      context.globalAlpha = 0.1
      context.fill(outline)
      context.globalAlpha = 1
      context.setLineDash(DASHES[(group - 1) % DASHES.length] as number[])
      context.stroke(outline)
    }
  }
  context.setLineDash([])
}

/** The way around a convex shape at a distance from it. */
export function roundedAround (corners: readonly Point[], distance: number): Path2D {
  const path = new Path2D()
  for (const [index, [x, y]] of corners.entries()) {
    const [beforeX, beforeY] = corners.at(index - 1) as Point
    const [afterX, afterY] = corners[(index + 1) % corners.length] as Point
    if (corners.length === 1) path.arc(x, y, distance, 0, Math.PI * 2)
    else {
      const into = Math.atan2(y - beforeY, x - beforeX) - Math.PI / 2
      const out = Math.atan2(afterY - y, afterX - x) - Math.PI / 2
      path.arc(x, y, distance, into, out)
    }
  }
  path.closePath()
  return path
}

/** Names sites above their nodes, as long as there are few. */
export function drawSites (context: CanvasRenderingContext2D, palette: Palette, { sites, dots, width, cell }: {
  sites: readonly Site[], dots: readonly Point[], width: number, cell: number
}): void {
  if (sites.length > 16) return
  context.textAlign = 'center'
  context.font = '600 12px system-ui, sans-serif'
  context.lineWidth = 3
  context.lineJoin = 'round'
  for (const { name, racks } of sites) {
    const own = racks.flatMap(({ nodes }) => nodes.map(node => dots[node] as Point))
    const middle = middleOf(own)
    if (middle === undefined) continue
    const half = context.measureText(name).width / 2 + 4
    const x = Math.min(Math.max(half, middle[0]), width - half)
    const y = Math.max(9, own.reduce((top, dot) => Math.min(top, dot[1]), Infinity) - cell - 10)
    context.strokeStyle = palette.panel
    context.strokeText(name, x, y)
    context.fillStyle = palette.ink
    context.fillText(name, x, y)
  }
  context.textAlign = 'left'
}

/** How far a few milliseconds are. */
export function drawScale (
  context: CanvasRenderingContext2D, palette: Palette,
  { scale, width, height }: { scale: number, width: number, height: number }
): void {
  const ms = niceCeiling(width / 10 / scale)
  const [x, y, length] = [10, height - 8, ms * scale]
  context.font = '11px system-ui, sans-serif'
  context.fillStyle = palette.muted
  context.fillRect(x, y, length, 1)
  context.fillRect(x, y - 4, 1, 5)
  context.fillRect(x + length, y - 4, 1, 5)
  context.fillText(`${ms} ms`, x + 5, y - 9)
}
