import { shuffled, type Cancel, type NodeId } from '@welkin/interface'
import { z } from 'zod'
import { span } from '../scenario/units.ts'
import { faultKind } from './fault.ts'
import { cutOff } from './link-faults.ts'

export const partition = faultKind({
  about: 'Nothing passes between the groups; one way only, from earlier to later ones, where it is half open.',
  settings: z.strictObject({ direction: z.enum(['both', 'forward']).default('both') }),
  strikes: ['one node', 'one rack', 'one site', '10%'],
  forMsMax: 60_000,
  draw: random => ({ direction: random.unit() < 0.5 ? 'both' as const : 'forward' as const }),
  begin ({ links }, { groups, settings: { direction } }) {
    const groupOf = new Map(groups.flatMap((names, group) => names.map((name): [NodeId, number] => [name, group])))
    return links.add({
      covers: (from, to) => {
        const [here, there] = [groupOf.get(from), groupOf.get(to)]
        if (here === undefined || there === undefined || here === there) return false
        return direction === 'both' || here < there
      },
      change: cutOff
    })
  }
})

export const switchOff = faultKind({
  about: 'A switch dies: whatever is plugged into it reaches nobody, not even one another.',
  settings: z.strictObject({}),
  strikes: ['one rack'],
  forMsMax: 40_000,
  begin ({ links }, { groups }) {
    const names = new Set(groups.flat())
    return links.add({ covers: (from, to) => from !== to && (names.has(from) || names.has(to)), change: cutOff })
  }
})

export const degrade = faultKind({
  about: 'Links between the targets and all others become slow, lossy or narrow, or lose the order of messages.',
  settings: z.strictObject({
    latency: span.prefault('0ms'),
    jitter: span.prefault('0ms'),
    loss: z.number().min(0).max(0.9).default(0),
    bytesPerSecond: z.number().min(1).optional(),
    /** The share of messages that those of other streams overtake. */
    reorder: z.number().min(0).max(0.9).default(0)
  }),
  strikes: ['one node', 'one rack', 'one site', '10%'],
  forMsMax: 60_000,
  draw: random => ({
    latency: `${Math.round(300 * random.unit() ** 3)}ms`, jitter: `${Math.round(200 * random.unit() ** 3)}ms`,
    loss: Math.round(30 * random.unit() ** 2) / 100
  }),
  begin ({ links }, { groups, settings: { latency, jitter, loss, bytesPerSecond = Infinity, reorder } }) {
    const names = new Set(groups.flat())
    return links.add({
      covers: (from, to) => names.has(from) !== names.has(to),
      change: quality => ({
        ...quality,
        latencyMs: quality.latencyMs + latency,
        jitterMs: quality.jitterMs + jitter,
        lossRatio: 1 - (1 - quality.lossRatio) * (1 - loss),
        bytesPerSecond: Math.min(quality.bytesPerSecond, bytesPerSecond),
        ...reorder > 0 ? { reorderRatio: 1 - (1 - (quality.reorderRatio ?? 0)) * (1 - reorder) } : {}
      })
    })
  }
})

export const swizzleClog = faultKind({
  about: 'Nodes are cut off one after the other, and come back in another order.',
  settings: z.strictObject({}),
  strikes: ['one rack', '10%'],
  forMsMax: 40_000,
  begin ({ cloud, links, random }, { groups, forMs }) {
    const names = groups.flat()
    const ends: Cancel[] = []
    let isOver = false
    const clog = (name: NodeId): Cancel => links.add({
      covers: (from, to) => from !== to && (from === name || to === name), change: cutOff
    })
    const order = shuffled(random, names)
    for (const [i, name] of shuffled(random, names).entries()) {
      cloud.after(forMs / 2 * i / names.length, () => {
        if (isOver) return
        const end = clog(name)
        ends.push(end)
        cloud.after(forMs / 2 * (1 + (order.indexOf(name) - i) / names.length), end)
      })
    }
    return () => {
      isOver = true
      for (const end of ends) end()
    }
  }
})
