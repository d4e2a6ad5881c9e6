import type { Cancel, Random } from '@welkin/interface'
import type { Cloud } from '../cloud.ts'
import { drawExponential } from './exponential.ts'

/** Calls `arrive` by chance (Poisson), on average every `meanMs`; never where that is no number. */
export function arriveByChance (cloud: Cloud, random: Random, meanMs: number, arrive: () => void): Cancel {
  let isOver = false
  const next = (): void => {
    cloud.after(drawExponential(random, meanMs), () => {
      if (isOver) return
      arrive()
      next()
    })
  }
  if (Number.isFinite(meanMs)) next()
  return () => { isOver = true }
}
