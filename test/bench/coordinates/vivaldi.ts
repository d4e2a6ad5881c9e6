import type { Random } from '@welkin/interface'

/** What a plain node says of itself. */
export interface PlainCoordinate { x: number, y: number, heightMs: number, error: number }

const STEP = 0.25
const ERROR_STEP = 0.25

/** Plain Vivaldi in two dimensions and a height, as its paper has it (Dabek et al., SIGCOMM 2004, figure 3). */
export class PlainVivaldi {
  readonly #random: Random
  coordinate: PlainCoordinate = { x: 0, y: 0, heightMs: 0, error: 1 }

  constructor (random: Random) {
    this.#random = random
  }

  observe (theirs: PlainCoordinate, rttMs: number): void {
    const { x, y, heightMs, error } = this.coordinate
    const estimateMs = plainDistanceMs(this.coordinate, theirs)
    const weight = error / Math.max(1e-9, error + theirs.error)
    const relative = Math.abs(estimateMs - rttMs) / rttMs
    const force = STEP * weight * (rttMs - estimateMs)
    let [dx, dy] = [x - theirs.x, y - theirs.y]
    if (Math.hypot(dx, dy) < 1e-6) [dx, dy] = [this.#random.unit() - 0.5, this.#random.unit() - 0.5]
    const length = Math.hypot(dx, dy) + heightMs + theirs.heightMs
    this.coordinate = {
      x: x + force * dx / length,
      y: y + force * dy / length,
      heightMs: Math.max(0, heightMs + force * (heightMs + theirs.heightMs) / length),
      error: Math.min(1, relative * ERROR_STEP * weight + error * (1 - ERROR_STEP * weight))
    }
  }
}

export function plainDistanceMs (a: PlainCoordinate, b: PlainCoordinate): number {
  return Math.hypot(a.x - b.x, a.y - b.y) + a.heightMs + b.heightMs
}
