import { randomFillSync } from 'node:crypto'
import type { Random } from '@welkin/interface'

const POOL_BYTES = 4096
const UNIT_BYTES = 8

/** Chance from the operating system, fit for secrets. A fork is the same source, since nobody can foresee either. */
export function createNodeRandom (): Random {
  const pool = Buffer.alloc(POOL_BYTES)
  let at = POOL_BYTES
  const random: Random = {
    unit: () => {
      if (at === POOL_BYTES) {
        randomFillSync(pool)
        at = 0
      }
      const bits = pool.readBigUInt64LE(at)
      at += UNIT_BYTES
      return Number(bits >> 11n) / 2 ** 53
    },
    bytes: size => randomFillSync(new Uint8Array(size)),
    fork: () => random
  }
  return random
}
