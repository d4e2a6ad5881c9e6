/** The colours of the page's present dress, by the name of the style sheet's variable. */
export type Palette = Record<
  'ink' | 'muted' | 'line' | 'panel' | 'accent' | 'fault' | 'broken' | 'up' | 'paused' | 'crashed' | 'off', string
> & { groups: string[] }

/** A canvas to draw upon, in CSS pixels. */
export interface Surface { context: CanvasRenderingContext2D, width: number, height: number }

/** What the sheet says now: dark or light. */
export function readPalette (): Palette {
  const sheet = getComputedStyle(document.documentElement)
  const colour = (name: string): string => sheet.getPropertyValue(`--${name}`).trim()
  return {
    ink: colour('ink'), muted: colour('muted'), line: colour('line'), panel: colour('panel'), accent: colour('accent'),
    fault: colour('fault'), broken: colour('broken'), up: colour('up'), paused: colour('paused'),
    crashed: colour('crashed'), off: colour('off'), groups: [1, 2, 3, 4, 5, 6].map(group => colour(`group-${group}`))
  }
}

/** Wipes a canvas and fits it to its place and to the screen's pixels. */
export function prepare (canvas: HTMLCanvasElement, heightPx?: number): Surface {
  if (heightPx !== undefined) canvas.style.height = `${heightPx}px`
  const [width, height] = [canvas.clientWidth, heightPx ?? canvas.clientHeight]
  const scale = window.devicePixelRatio
  const [across, down] = [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))]
  if (canvas.width !== across) canvas.width = across
  if (canvas.height !== down) canvas.height = down
  const context = canvas.getContext('2d') as CanvasRenderingContext2D
  context.setTransform(scale, 0, 0, scale, 0, 0)
  context.clearRect(0, 0, width, height)
  context.font = '11px system-ui, sans-serif'
  context.textBaseline = 'middle'
  return { context, width, height }
}

/** Writes a line that ends with an ellipsis where it would be wider than `room`; nothing where not even that fits. */
export function fitText (context: CanvasRenderingContext2D, text: string, x: number, y: number, room: number): void {
  if (room < 14) return
  let told = text.slice(0, 200)
  if (context.measureText(told).width > room) {
    let [low, high] = [0, told.length]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (context.measureText(`${told.slice(0, middle)}…`).width <= room) low = middle
      else high = middle - 1
    }
    told = low === 0 ? '' : `${told.slice(0, low).trimEnd()}…`
  }
  context.fillText(told, x, y)
}

/** A node's mark. Where there is room, colour is not all: full is up, a ring off, a cross crashed, two bars paused. */
export function drawMark (
  context: CanvasRenderingContext2D, palette: Palette, condition: keyof Palette & ('up' | 'paused' | 'crashed' | 'off'),
  { x, y, size, isRound }: { x: number, y: number, size: number, isRound: boolean }
): void {
  const half = size / 2
  context.fillStyle = context.strokeStyle = palette[condition]
  if (size < 3) {
    context.fillRect(x - half, y - half, size, size)
    return
  }
  const isSmall = size < 5
  context.beginPath()
  if (condition === 'crashed' && !isSmall) {
    context.lineWidth = Math.max(1.5, size / 5)
    context.moveTo(x - half, y - half)
    context.lineTo(x + half, y + half)
    context.moveTo(x + half, y - half)
    context.lineTo(x - half, y + half)
    context.stroke()
  } else if (condition === 'paused' && !isSmall) {
    context.fillRect(x - half, y - half, size * 0.36, size)
    context.fillRect(x + half - size * 0.36, y - half, size * 0.36, size)
  } else if (condition === 'off') {
    context.lineWidth = isSmall ? 0.8 : 1.25
    if (isRound) context.arc(x, y, half - context.lineWidth / 2, 0, Math.PI * 2)
    else context.rect(x - half + 0.6, y - half + 0.6, size - 1.2, size - 1.2)
    context.stroke()
  } else if (isRound) {
    context.arc(x, y, half, 0, Math.PI * 2)
    context.fill()
  } else context.fillRect(x - half, y - half, size, size)
}

/** Shows a few lines beside the pointer; none: hides them. */
export function showTip (event: PointerEvent | undefined, lines: readonly string[]): void {
  const tip = document.getElementById('tip')
  if (tip === null) return
  tip.hidden = event === undefined || lines.length === 0
  if (tip.hidden || event === undefined) return
  tip.replaceChildren(...lines.map(text => {
    const line = document.createElement('div')
    line.textContent = text
    return line
  }))
  const x = Math.min(event.clientX + 14, window.innerWidth - tip.offsetWidth - 8)
  const below = event.clientY + 18
  const y = below + tip.offsetHeight > window.innerHeight ? event.clientY - tip.offsetHeight - 10 : below
  tip.style.transform = `translate(${Math.max(4, x)}px, ${Math.max(4, y)}px)`
}
