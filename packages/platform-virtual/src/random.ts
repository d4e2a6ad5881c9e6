import { createHash } from 'node:crypto'
import type { Random } from '@welkin/interface'

/** What a stream's state is derived from. */
type Seed = string | number

/**
 * The stream of chance that `seed` names: the same draws in every run. Chris Doty-Humphrey's sfc32 (PractRand), keyed
 * by SHA-256. A fork depends on the seed, the purpose and how often that purpose was forked before, and on no draw.
 * Fit for simulation, not for secrets.
 */
export function createVirtualRandom (seed: Seed): Random {
  return new SeededRandom(keyOf(`seed ${seed}`))
}

class SeededRandom implements Random {
  readonly #key: Buffer
  readonly #forks = new Map<string, number>()
  #a: number
  #b: number
  #c: number
  #counter = 1

  constructor (key: Buffer) {
    this.#key = key
    this.#a = key.readInt32LE(0)
    this.#b = key.readInt32LE(4)
    this.#c = key.readInt32LE(8)
    for (let i = 0; i < 12; i++) this.#next()
  }

  unit (): number {
    return ((this.#next() >>> 5) * 2 ** 26 + (this.#next() >>> 6)) / 2 ** 53
  }

  bytes (size: number): Uint8Array {
    const bytes = new Uint8Array(size)
    for (let i = 0, word = 0; i < size; i++, word >>>= 8) {
      if (i % 4 === 0) word = this.#next()
      bytes[i] = word
    }
    return bytes
  }

  fork (purpose: string): Random {
    const times = this.#forks.get(purpose) ?? 0
    this.#forks.set(purpose, times + 1)
    return new SeededRandom(keyOf(`${this.#key.toString('hex')} ${times} ${purpose}`))
  }

  /** 32 bits, as a signed number. */
  #next (): number {
    const result = (this.#a + this.#b + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + result) | 0
    return result
  }
}

function keyOf (text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
