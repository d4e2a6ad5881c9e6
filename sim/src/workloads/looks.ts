import { drawOne, isCloudError, type Cancel, type Random } from '@welkin/interface'
import type { Cloud } from '../cloud.ts'
import { drawExponential } from './exponential.ts'

/** Looks nodes up from anywhere, so many times a minute and node; what a look finds is not judged, but it must end. */
export function lookAround (cloud: Cloud, random: Random, perNodeAndMinute: number): Cancel {
  if (perNodeAndMinute === 0) return () => {}
  const meanMs = 60_000 / (perNodeAndMinute * cloud.places.length)
  let isOver = false
  const look = (): void => {
    if (isOver) return
    const from = drawOne(random, cloud.running())
    if (from !== undefined) {
      cloud.syscalls(from).find({ query: 'order by load limit 3' }).catch((error: unknown) => {
        if (!isCloudError(error)) throw error
        cloud.mark('look refused', from, error.code)
      })
    }
    cloud.after(drawExponential(random, meanMs), look)
  }
  look()
  return () => { isOver = true }
}
