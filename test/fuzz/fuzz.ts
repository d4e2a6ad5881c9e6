import { CloudError, type ErrorCode } from '@welkin/interface'
import { Chance } from './mutator.ts'

/** What takes bytes or text from strangers. */
export interface Target {
  readonly name: string
  /** How large a part of all mutations it gets; default 1. */
  readonly share?: number
  /** The codes that it may refuse by. */
  readonly refuses: readonly ErrorCode[]
  /** Makes something that nobody has sent, and has it taken. Throws `Accepted` for what must never be accepted. */
  attack (chance: Chance): unknown
}

export interface Tally { taken: number, refused: number }

/** Thrown by a target that accepted what it must not. */
export class Accepted extends Error {}

/** Mutation after mutation, each by a seed of its own, so that the one that fails can be played alone. */
export async function fuzz (target: Target, count: number, seed: number): Promise<Tally> {
  const tally = { taken: 0, refused: 0 }
  for (let nth = 0; nth < count; nth++) {
    const own = (Math.imul(seed, 0x9e3779b1) + nth) >>> 0
    try {
      const outcome = target.attack(new Chance(own))
      if (outcome instanceof Promise) await outcome
      tally.taken++
    } catch (error) {
      if (!(error instanceof CloudError && target.refuses.includes(error.code))) {
        const again = `npm run fuzz -- --target ${target.name} --mutations 1 --own ${own}`
        const what = error instanceof Accepted ? 'accepts' : 'fails'
        throw new Error(`${target.name} ${what}; again: ${again}`, { cause: error })
      }
      tally.refused++
    }
  }
  return tally
}
