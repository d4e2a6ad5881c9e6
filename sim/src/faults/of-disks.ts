import { drawOne, type Cancel, type NodeId } from '@welkin/interface'
import type { Platter } from '@welkin/platform-virtual'
import { z } from 'zod'
import { endAll, faultKind, type Stage } from './fault.ts'

export const diskFull = faultKind({
  about: 'Something else fills the disk.',
  isInside: true,
  settings: z.strictObject({ free: z.number().min(0).default(0) }),
  strikes: ['one node', '10%'],
  forMsMax: 30_000,
  begin (stage, { groups, settings: { free } }) {
    return onPlatters(stage, groups, platter => {
      const filledBytes = Math.max(0, platter.freeBytes - free)
      platter.resize(platter.capacityBytes - filledBytes)
      return () => platter.resize(platter.capacityBytes + filledBytes)
    })
  }
})

export const diskSlow = faultKind({
  about: 'The disk takes many times as long as it should.',
  isInside: true,
  settings: z.strictObject({ factor: z.number().min(1).max(1e5).default(100) }),
  strikes: ['one node', '10%'],
  forMsMax: 30_000,
  draw: random => ({ factor: Math.round(10 ** (1 + 3 * random.unit())) }),
  begin (stage, { groups, settings: { factor } }) {
    return onPlatters(stage, groups, platter => platter.slowDown(factor))
  }
})

export const diskCorrupt = faultKind({
  about: 'A bit of a stored file flips, for good.',
  isInside: true,
  settings: z.strictObject({}),
  strikes: ['one node'],
  forMsMax: 1000,
  begin (stage, { groups }) {
    return onPlatters(stage, groups, platter => {
      const names = [...platter.files].flatMap(([name, { byteLength }]) => byteLength > 0 ? name : []).toSorted()
      const name = drawOne(stage.random, names)
      if (name !== undefined) platter.corruptFile(name)
      return () => {}
    })
  }
})

function onPlatters (
  { inside }: Stage, groups: ReadonlyArray<readonly NodeId[]>, begin: (platter: Platter) => Cancel
): Cancel {
  return endAll(groups.flat().flatMap(name => {
    const platter = inside?.machines.get(name)?.platter
    return platter === undefined ? [] : begin(platter)
  }))
}
