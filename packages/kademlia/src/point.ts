import type { Keys, NodeId } from '@welkin/interface'

/** A place in the key space: 32 bytes, the first the most significant. */
export type Point = Uint8Array

export const POINT_BYTES = 32

/** Something that stands in the key space, by its id. */
export interface Placed { readonly id: NodeId, readonly point: Point }

const encoder = new TextEncoder()

/** Where a key or a node's id stands: its SHA-256. Ids are hashed too, so that nobody chooses a place for nothing. */
export function pointOf (text: string, { digest }: Pick<Keys, 'digest'>): Point {
  return digest().update(encoder.encode(text)).done()
}

export function isPoint (value: unknown): value is Point {
  return value instanceof Uint8Array && value.byteLength === POINT_BYTES
}

/** Below 0 where `a` is nearer to `target` than `b` by the XOR metric, above where it is farther, 0 for the same. */
export function compareDistance (target: Point, a: Point, b: Point): number {
  for (let at = 0; at < POINT_BYTES; at++) {
    const t = target[at] as number
    const difference = ((a[at] as number) ^ t) - ((b[at] as number) ^ t)
    if (difference !== 0) return difference
  }
  return 0
}

/** How many of the first bits are the same, 0 to 256. */
export function commonBits (a: Point, b: Point): number {
  for (let at = 0; at < POINT_BYTES; at++) {
    const difference = (a[at] as number) ^ (b[at] as number)
    if (difference !== 0) return 8 * at + Math.clz32(difference) - 24
  }
  return 8 * POINT_BYTES
}

/** The bit at `place`, counted from the most significant. */
export function bitOf (point: Point, place: number): 0 | 1 {
  return ((point[place >> 3] as number) >> (7 - (place & 7)) & 1) as 0 | 1
}

/** Below 0 where `a` comes before `b` in the order of the space's numbers. */
export function compareOrder (a: Point, b: Point): number {
  for (let at = 0; at < POINT_BYTES; at++) {
    const difference = (a[at] as number) - (b[at] as number)
    if (difference !== 0) return difference
  }
  return 0
}
