import { expect } from 'chai'
import type { NodeId } from '@welkin/interface'
import { seesTheTruth, type VirtualCloud } from '@welkin/sim'
import { eventsOf, inCloud, inDarkCloud, run } from './in-cloud.ts'

const MEASURED_MS = 30_000

/** What of the kernel, and all bytes, a node sends in the mean, each second of the next half minute. */
async function rates (cloud: VirtualCloud): Promise<{ calls: number, bytes: number }> {
  const before = cloud.sent()
  await cloud.pass(MEASURED_MS)
  const after = cloud.sent()
  const seconds = cloud.places.length * MEASURED_MS / 1000
  return { calls: (after.calls - before.calls) / seconds, bytes: (after.bytes - before.bytes) / seconds }
}

/** Milliseconds after which each of the others knows that this node has so many objects, sorted. */
async function spreadMs (cloud: VirtualCloud, name: NodeId, objects: number): Promise<number[]> {
  const startMs = cloud.timeline.nowMs
  const knownMs = new Map<NodeId, number>()
  await cloud.until(() => {
    for (const { id, membership } of cloud.nodes()) {
      if (knownMs.has(id) || membership.node(name)?.load.objects !== objects) continue
      knownMs.set(id, cloud.timeline.nowMs - startMs)
    }
    return knownMs.size === cloud.places.length
  }, { periodMs: 50, timeoutMs: 30_000 })
  return [...knownMs.values()].toSorted((a, b) => a - b)
}

describe('a site', () => {
  it('costs each of its nodes as many requests and answers whether there are twenty of them or sixty', async () => {
    const calls: number[] = []
    for (const nodes of [20, 60]) {
      await inCloud({ nodes, racks: 4, slow: true }, async cloud => {
        await cloud.pass(100_000) // until each has measured where it stands
        const { calls: rate, bytes } = await rates(cloud)
        calls.push(rate)
        expect(bytes).to.be.below(600)
      })
    }
    const [few, many] = calls as [number, number]
    expect(few).to.be.within(1.5, 3)
    expect(many / few).to.be.within(0.8, 1.2)
  })

  it('of sixty that are switched on together is whole within seconds', async () => {
    await inDarkCloud({ nodes: 60, racks: 4, slow: true }, async cloud => {
      await cloud.start('n1')
      await Promise.all(cloud.places.slice(1).map(async ({ name }) => await cloud.start(name, ['n1'])))
      expect(await cloud.until(() => seesTheTruth(cloud), { timeoutMs: 10_000 })).to.be.below(5000)
      await cloud.pass(5000)
      expect(eventsOf(cloud, 'nodeSuspected', 'nodeDown', 'nodeLeft')).to.deep.equal([])
      const joined = eventsOf(cloud, 'nodeJoined')
      expect(joined).to.have.lengthOf(60 * 59)
    })
  })
})

describe('news', () => {
  it('of what a node has promised is known to all of its site in three seconds', async () => {
    await inCloud({ nodes: 40, racks: 4, slow: true }, async cloud => {
      const took: number[] = []
      for (const name of ['n3', 'n17', 'n31']) {
        await run(cloud.syscalls(name), ['sleep', '1000'], { on: name })
        const times = await spreadMs(cloud, name, 1)
        expect(times).to.have.lengthOf(40)
        took.push(...times)
      }
      expect(Math.max(...took)).to.be.below(3000)
      expect(took.toSorted((a, b) => a - b)[Math.floor(took.length / 2)]).to.be.below(2000)
    })
  })

  it('is told newest first: a change is not held up by what has to be said again', async () => {
    await inCloud({ nodes: 20, racks: 4, nodeOptions: { resources: { messageBytesMax: 256 } } }, async cloud => {
      await run(cloud.syscalls('n9'), ['sleep', '1000'], { on: 'n9' })
      const first = await spreadMs(cloud, 'n9', 1)
      await Promise.all(cloud.places.map(async ({ name }) => {
        await run(cloud.syscalls(name), ['sleep', '9'], { on: name })
      }))
      await run(cloud.syscalls('n9'), ['sleep', '1000'], { on: 'n9' })
      const second = await spreadMs(cloud, 'n9', 3)
      expect(second).to.have.lengthOf(20)
      expect(Math.max(first.at(-1) as number, second.at(-1) as number)).to.be.below(4000)
    })
  })

  it('reaches one that was cut off for a moment', async () => {
    await inCloud({ nodes: 12, racks: 3 }, async cloud => {
      await cloud.pass(5000)
      cloud.network.partition([['n5'], cloud.places.map(({ name }) => name).filter(name => name !== 'n5')])
      await run(cloud.syscalls('n1'), ['sleep', '1000'], { on: 'n1' })
      await cloud.pass(500)
      expect(cloud.node('n5')?.membership.node('n1')?.load.objects).to.equal(0)
      cloud.network.heal()
      expect(await spreadMs(cloud, 'n1', 1)).to.have.lengthOf(12)
    })
  })
})

describe('the age of what is known', () => {
  it('grows until the node says something again, and is about the truth', async () => {
    await inCloud({ nodes: 30, racks: 3, slow: true }, async cloud => {
      const saidMs = new Map<NodeId, number[]>()
      const note = (): void => {
        for (const { id, membership } of cloud.nodes()) {
          const times = saidMs.get(id) ?? []
          const atMs = cloud.timeline.nowMs - (membership.node(id)?.ageMs ?? 0)
          if (times.length === 0 || atMs > (times.at(-1) as number) + 1) times.push(atMs)
          saidMs.set(id, times)
        }
      }
      let [offMsMax, lagMsMax, oldestMs] = [0, 0, 0]
      for (let second = 0; second < 150; second++) {
        await cloud.pass(1000)
        note()
        if (second < 20) continue
        const { nowMs } = cloud.timeline
        for (const { id, ageMs } of cloud.nodes().flatMap(({ membership }) => membership.nodes())) {
          const times = saidMs.get(id) as number[]
          const heard = times.findLast(atMs => atMs < nowMs - ageMs + 100) ?? 0
          const next = times[times.indexOf(heard) + 1]
          if (times[0] !== heard) offMsMax = Math.max(offMsMax, Math.abs(nowMs - ageMs - heard))
          if (next !== undefined) lagMsMax = Math.max(lagMsMax, nowMs - next)
          oldestMs = Math.max(oldestMs, ageMs)
        }
      }
      expect(offMsMax).to.be.below(100)
      expect(lagMsMax).to.be.below(12_000)
      expect(oldestMs).to.be.within(45_000, 102_000)
    })
  })

  it('is that of what was said, though it was heard from a third', async () => {
    await inCloud({ nodes: 3, slow: true }, async cloud => {
      await cloud.pass(20_000)
      const known = cloud.node('n1')?.membership.node('n2')?.ageMs as number
      cloud.crash('n3')
      await cloud.start('n3', ['n1'])
      await cloud.until(() => cloud.node('n3')?.membership.node('n2') !== undefined, { timeoutMs: 5000 })
      expect(cloud.node('n3')?.membership.node('n2')?.ageMs).to.be.within(known - 50, known + 5000)
    })
  })
})
