import { drawMark, fitText, prepare, readPalette } from './draw.ts'
import { planRacks, type Site } from './layout.ts'
import { DASHES, tellNodes } from './map.ts'
import { CONDITIONS } from './page-record.ts'
import type { Scene, Stage } from './stage.ts'
import { part } from './text.ts'

/** Every node as a square, by site and rack. Where squares are small, a rack all in one group has one outline. */
export function mountRacks (stage: Stage, sites: readonly Site[], sceneAt: (atMs: number) => Scene): void {
  const canvas = part<HTMLCanvasElement>('racks')
  let plan = planRacks([], 0, 0)
  let drawn: Scene | undefined
  const draw = (isForced: boolean): void => {
    const scene = sceneAt(stage.atMs)
    if (scene === drawn && !isForced) return
    drawn = scene
    if (isForced) plan = planRacks(sites, canvas.clientWidth, 400)
    const { context } = prepare(canvas, Math.ceil(plan.height))
    const palette = readPalette()
    const isSmall = plan.size <= 7
    const parted = new Set<number>()
    for (const { x, y, width, height, nodes } of plan.frames) {
      const groups = new Set(nodes.map(node => scene.groups[node] ?? 0))
      const [group = 0] = groups
      const isWhole = isSmall && groups.size === 1 && group > 0
      context.strokeStyle = isWhole ? palette.groups[(group - 1) % palette.groups.length] as string : palette.line
      context.lineWidth = isWhole ? 2 : 1
      context.strokeRect(x + 0.5, y + 0.5, width - 1, height - 1)
      if (!isWhole) for (const node of nodes) parted.add(node)
    }
    for (const { text, x, y, room, isSite } of plan.labels) {
      context.font = `${isSite ? '600 12px' : '10px'} system-ui, sans-serif`
      context.fillStyle = isSite ? palette.ink : palette.muted
      fitText(context, text, x, y, room)
    }
    for (const [node, [x, y]] of plan.squares.entries()) {
      const condition = CONDITIONS[scene.conditions[node] ?? 0] ?? 'off'
      const group = scene.groups[node] ?? 0
      if (group > 0 && parted.has(node)) drawFrame(context, palette.groups, group, { x, y, size: plan.size })
      const size = group > 0 && !isSmall ? plan.size - 6 : plan.size
      drawMark(context, palette, condition, { x, y, size, isRound: false })
    }
  }
  stage.watchers.push(change => {
    if (change === 'moment' || change === 'look') draw(change === 'look')
  })
  tellNodes(canvas, stage, sceneAt, () => plan.squares)
}

/** The outline of a group of a partition around one square; a ground behind it where it is too small for that. */
export function drawFrame (
  context: CanvasRenderingContext2D, colours: readonly string[], group: number,
  { x, y, size }: { x: number, y: number, size: number }
): void {
  const colour = colours[(group - 1) % colours.length] as string
  if (size <= 7) {
    context.fillStyle = colour
    context.fillRect(x - size / 2 - 1, y - size / 2 - 1, size + 2, size + 2)
    return
  }
  context.strokeStyle = colour
  context.lineWidth = 1.5
  context.setLineDash((DASHES[(group - 1) % DASHES.length] as number[]).map(length => length / 2))
  context.strokeRect(x - size / 2 + 0.5, y - size / 2 + 0.5, size - 1, size - 1)
  context.setLineDash([])
}
