import { expect } from 'chai'
import { PAGE_BYTES, type NodeId, type ObjectId } from '@welkin/interface'
import type { VirtualCloud } from '@welkin/sim'
import { all, inCloud, run, textOf } from './in-cloud.ts'
import { sparesOn } from './keeping.ts'
import { Letters } from './letters.ts'
import { runningOn } from './moving.ts'

const COUNTING = ['run', '--seconds', '600', '--count', '200', '--memory', `${2 ** 19}`, '--dirty', `${2 ** 17}`]
const STORY = { nodes: 5, nodeOptions: { migration: { patienceMs: 2000, againMsMax: 2000, leaseMs: 4000 } } }
const CHECKPOINTS = { everyMs: 2000, onFailure: 'restore' as const, copies: 2 }

/** An object on n2 whose checkpoints have been kept for a while; watched, so that no two copies run at any time. */
async function guarded (cloud: VirtualCloud): Promise<{ id: ObjectId, broken: string[] }> {
  const { id } = await run(cloud.syscalls('n1'), COUNTING, { on: 'n2', checkpoints: CHECKPOINTS })
  const broken: string[] = []
  cloud.every(5, () => {
    const places = runningOn(cloud, id)
    if (places.length > 1) broken.push(`${places.join(' and ')} at ${cloud.nowMs}`)
  })
  await cloud.pass(8000)
  return { id, broken }
}

async function runsElsewhere (cloud: VirtualCloud, id: ObjectId, than: NodeId): Promise<NodeId> {
  const there = (): NodeId | undefined => runningOn(cloud, id).find(name => name !== than)
  expect(await cloud.until(() => there() !== undefined, { timeoutMs: 60_000 }), 'it goes on').to.not.equal(undefined)
  return there() as NodeId
}

describe('an object whose checkpoints are kept', () => {
  for (const [what, fell, raise] of [
    ['loses power', (cloud: VirtualCloud) => cloud.powerOff('n2'), (cloud: VirtualCloud) => cloud.start('n2', ['n1'])],
    ['crashes', (cloud: VirtualCloud) => cloud.crash('n2'), (cloud: VirtualCloud) => cloud.start('n2', ['n1'])],
    ['stands still', (cloud: VirtualCloud) => cloud.pause('n2'), (cloud: VirtualCloud) => cloud.resume('n2')],
    ['is cut off', (c: VirtualCloud) => part(c, 'n2', 'cut'), (c: VirtualCloud) => part(c, 'n2', 'mend')]
  ] as const) {
    it(`goes on from the last one, on one node, when its own ${what}; which finds that when it is back`, async () => {
      await inCloud(STORY, async cloud => {
        const { id, broken } = await guarded(cloud)
        const before = await textOf(cloud.syscalls('n1').logs({ id }))
        fell(cloud)
        const node = await runsElsewhere(cloud, id, 'n2')
        await cloud.pass(3000)
        const chunks = await all(cloud.syscalls(node).logs({ id }))
        const text = chunks.map(({ bytes }) => Buffer.from(bytes).toString()).join('')
        const first = Number(text.split('\n')[0])
        // It goes on from a state that was, and counts on from there.
        expect(first).to.be.within(2, before.trimEnd().split('\n').length + 1)
        expect(chunks[0]?.offset).to.be.greaterThan(0)
        await raise(cloud)
        await cloud.pass(30_000)
        expect(runningOn(cloud, id)).to.deep.equal([node])
        expect(cloud.node('n2')?.processes.matches(id)).to.deep.equal([])
        expect(broken).to.deep.equal([])
        expect((await cloud.syscalls('n2').stat({ id })).node).to.equal(node)
      })
    })
  }

  it('goes on with the mail that it had then, which a new object made of its checkpoint has not', async () => {
    await inCloud(STORY, async cloud => {
      const { id } = await guarded(cloud)
      const letters = new Letters(cloud, id, () => cloud.syscalls('n1'))
      void letters.send()
      await cloud.until(() => letters.taken.length >= 5, { timeoutMs: 5000 })
      letters.stop()
      await cloud.pass(3000)
      const { checkpoint } = await cloud.syscalls('n1').checkpoint({ id })
      const copy = await cloud.syscalls('n1').restore({ checkpoint, to: 'n1' })
      expect(await new Letters(cloud, copy.id, () => cloud.syscalls('n1')).readAt('n1', 1)).to.deep.equal([])
      cloud.powerOff('n2')
      const node = await runsElsewhere(cloud, id, 'n2')
      expect(await letters.faultsAt(node)).to.deep.equal([])
    })
  })

  it('runs on where it is when one keeper fails, or its node is cut off from one', async () => {
    await inCloud(STORY, async cloud => {
      const { id, broken } = await guarded(cloud)
      const [keeper] = cloud.node('n2')?.processes.get(id).record.keepers ?? []
      cloud.powerOff(keeper as NodeId)
      await cloud.pass(30_000)
      expect(runningOn(cloud, id)).to.deep.equal(['n2'])
      expect(broken).to.deep.equal([])
    })
  })

  it('moves with its keepers, and is taken over from where it went', async () => {
    await inCloud(STORY, async cloud => {
      const { id, broken } = await guarded(cloud)
      const keepers = cloud.node('n2')?.processes.get(id).record.keepers ?? []
      const to = ['n1', 'n3', 'n4', 'n5'].find(name => !keepers.includes(name)) as NodeId
      await all(cloud.syscalls('n2').migrate({ ids: [id], to }))
      await cloud.pass(20_000)
      expect(runningOn(cloud, id)).to.deep.equal([to])
      cloud.powerOff(to)
      const node = await runsElsewhere(cloud, id, to)
      expect(keepers).to.include(node)
      await cloud.pass(10_000)
      cloud.powerOff(node)
      expect(await runsElsewhere(cloud, id, node), 'a second time').to.not.equal(to)
      expect(broken).to.deep.equal([])
    })
  })

  it('leaves on each disk what its last checkpoints need, and what somebody has asked for', async () => {
    await inCloud(STORY, async cloud => {
      const { id, broken } = await guarded(cloud)
      const asked = await cloud.syscalls('n1').checkpoint({ id })
      const keepers = cloud.node('n2')?.processes.get(id).record.keepers ?? []
      const pages = asked.bytes / PAGE_BYTES
      const most: number[] = []
      cloud.every(500, () => { most.push(...['n2', ...keepers].map(name => sparesOn(cloud, name).length)) })
      await cloud.pass(60_000)
      // At the most two and the next, of which each has a manifest; of thirty that were taken meanwhile.
      expect(Math.max(...most)).to.be.within(pages / 2, 3 * (pages + 1))
      for (const name of keepers) expect(sparesOn(cloud, name).length, 'it keeps one').to.be.greaterThan(0)
      const { node } = await cloud.syscalls('n1').restore({ checkpoint: asked.checkpoint, to: 'n1' })
      expect(node).to.equal('n1')
      await cloud.pass(2000)
      expect(sparesOn(cloud, 'n1').length, 'what was there to be restored').to.be.oneOf([0, ...most])
      expect(broken).to.deep.equal([])
    })
  })

  it('leaves nothing on any disk when it has ended, also of where it was before', async () => {
    await inCloud(STORY, async cloud => {
      const { id, broken } = await guarded(cloud)
      const keepers = cloud.node('n2')?.processes.get(id).record.keepers ?? []
      cloud.crash('n2')
      const node = await runsElsewhere(cloud, id, 'n2')
      await cloud.start('n2', ['n1'])
      await cloud.pass(20_000)
      const others = cloud.node(node)?.processes.get(id).record.keepers ?? []
      const idle = ['n1', 'n2', ...keepers].filter(name => name !== node && !others.includes(name))
      for (const name of idle) expect(sparesOn(cloud, name), `${name}, where it was kept before`).to.deep.equal([])
      await cloud.syscalls(node).kill({ id, graceMs: 0 })
      await cloud.pass(20_000)
      for (const { name } of cloud.places) expect(sparesOn(cloud, name), name).to.deep.equal([])
      expect(broken).to.deep.equal([])
    })
  })

  it('that has ended is not gone on with', async () => {
    await inCloud(STORY, async cloud => {
      const { id } = await guarded(cloud)
      await cloud.syscalls('n1').kill({ id, graceMs: 0 })
      await cloud.pass(10_000)
      cloud.powerOff('n2')
      await cloud.pass(40_000)
      expect(runningOn(cloud, id)).to.deep.equal([])
    })
  })
})

function part (cloud: VirtualCloud, name: NodeId, how: 'cut' | 'mend'): void {
  for (const { name: other } of cloud.places) {
    if (other === name) continue
    cloud.network[how](name, other)
    cloud.network[how](other, name)
  }
}
