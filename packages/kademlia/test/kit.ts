import { createHash } from 'node:crypto'
import { toHex, type Digest } from '@welkin/interface'
import { pointOf, type Placed, type Point } from '../src/index.ts'

const keys = {
  digest: (): Digest => {
    const hash = createHash('sha256')
    const digest: Digest = {
      update: bytes => {
        hash.update(bytes)
        return digest
      },
      done: () => new Uint8Array(hash.digest())
    }
    return digest
  }
}

export function at (text: string): Point {
  return pointOf(text, keys)
}

export function nodes (count: number, prefix = 'n'): Placed[] {
  return Array.from({ length: count }, (_, i) => ({ id: `${prefix}${i}`, point: at(`${prefix}${i}`) }))
}

/** The XOR of two points, as a number. */
export function distance (a: Point, b: Point): bigint {
  return a.reduce((sum, byte, place) => sum * 256n + BigInt(byte ^ (b[place] as number)), 0n)
}

/** Nearest first, by what the word says. */
export function byBruteForce (target: Point, all: readonly Placed[], count: number): string[] {
  return all.map(({ id, point }) => ({ id, away: toHex(point.map((byte, place) => byte ^ (target[place] as number))) }))
    .toSorted((a, b) => a.away < b.away ? -1 : 1)
    .slice(0, count).map(({ id }) => id)
}
