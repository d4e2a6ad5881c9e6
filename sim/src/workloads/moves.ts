import { drawOne, isCloudError, type Cancel, type Random } from '@welkin/interface'
import type { Cloud } from '../cloud.ts'
import { arriveByChance } from './arrivals.ts'

/** Moves objects that run to wherever chance says, so many a minute and node; some are refused, and none is lost. */
export function moveAround (cloud: Cloud, random: Random, perNodeAndMinute: number): Cancel {
  if (perNodeAndMinute === 0) return () => {}
  return arriveByChance(cloud, random, 60_000 / (perNodeAndMinute * cloud.places.length), () => {
    const asked = drawOne(random, cloud.running())
    const to = drawOne(random, cloud.running())
    if (asked === undefined || to === undefined) return
    void moveOne(cloud, random, asked, to).catch((error: unknown) => {
      if (!isCloudError(error)) throw error
      cloud.mark('move refused', asked, to, error.code)
    })
  })
}

async function moveOne (cloud: Cloud, random: Random, asked: string, to: string): Promise<void> {
  const syscalls = cloud.syscalls(asked)
  const { objects } = await syscalls.list({ state: 'running', here: true, limit: 100 })
  const object = drawOne(random, objects)
  if (object === undefined) return
  for await (const item of syscalls.migrate({ ids: [object.id], to })) {
    if (item.kind === 'moved') cloud.mark('moved', object.id, item.from, item.to)
  }
}
