import { z } from 'zod'
import { faultKind } from './fault.ts'

export const clockStep = faultKind({
  about: 'The wall clock is set wrong, and set right again.',
  isInside: true,
  settings: z.strictObject({ seconds: z.number().min(-1e6).max(1e6).default(60) }),
  strikes: ['one node', '10%', 'one site'],
  forMsMax: 60_000,
  draw: random => ({ seconds: Math.round((random.unit() - 0.5) * 7200) }),
  begin ({ inside }, { groups, settings: { seconds } }) {
    const step = (by: number): void => {
      for (const name of groups.flat()) inside?.machines.get(name)?.quartz.stepWall(by * 1000)
    }
    step(seconds)
    return () => step(-seconds)
  }
})

export const clockDrift = faultKind({
  about: 'The quartz runs too fast or too slow.',
  isInside: true,
  settings: z.strictObject({ ppm: z.number().min(-100_000).max(100_000).default(500) }),
  strikes: ['one node', '10%'],
  forMsMax: 120_000,
  draw: random => ({ ppm: Math.round((random.unit() - 0.5) * 20_000) }),
  begin ({ inside }, { groups, settings: { ppm } }) {
    const drift = (rate: number): void => {
      for (const name of groups.flat()) inside?.machines.get(name)?.quartz.drift(rate)
    }
    drift(ppm)
    return () => drift(0)
  }
})
