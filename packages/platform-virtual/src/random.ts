import { createHash } from 'node:crypto'
import type { Random } from '@welkin/interface'

/**
 * The stream of chance that `seed` names: the same draws in every run. Chris Doty-Humphrey's sfc32 (PractRand), keyed
 * by SHA-256. A fork depends on the seed, the purpose and how often that purpose was forked before, and on no draw.
 * Fit for simulation, not for secrets.
 */
export function createVirtualRandom (seed: string | number): Random {
  return new SeededRandom(keyOf(`seed ${seed}`))
}

class SeededRandom implements Random {
  readonly #key: string
  readonly #forks = new Map<string, number>()
  #a: number
  #b: number
  #c: number
  #counter = 1

  constructor (key: string) {
    this.#key = key
    this.#a = wordOf(key, 0)
    this.#b = wordOf(key, 1)
    this.#c = wordOf(key, 2)
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
    return new SeededRandom(keyOf(`${this.#key} ${times} ${purpose}`))
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

/** 64 hexadecimal digits. */
function keyOf (text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function wordOf (key: string, place: number): number {
  return Number.parseInt(key.slice(8 * place, 8 * place + 8), 16) | 0
}
