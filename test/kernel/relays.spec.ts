import { expect } from 'chai'
import type { NodeId } from '@welkin/interface'
import type { VirtualCloud } from '@welkin/sim'
import { dial } from '@welkin/syscalls'
import { eventsOf, exitOf, inCloud, inDarkCloud, knowsAll, run } from './in-cloud.ts'
import { ask, greeter, owner, serve } from './talk.ts'

const LOSSES = ['nodeDown', 'zoneDown', 'nodeReturned'] as const

/** Names of all nodes that are up, as one of them sees it. */
async function upAt (cloud: VirtualCloud, name: NodeId): Promise<string[]> {
  const { nodes } = await cloud.syscalls(name).nodes({})
  return nodes.filter(({ state }) => state === 'up').map(({ name: each }) => each).toSorted()
}

function isDirect (cloud: VirtualCloud, a: NodeId, b: NodeId): boolean {
  return cloud.network.hostOf(a)?.directTo(b) !== undefined
}

/** Calls from `a` reach `b`, and the other way around. */
async function expectCalls (cloud: VirtualCloud, a: NodeId, b: NodeId): Promise<void> {
  for (const [here, there] of [[a, b], [b, a]] as const) {
    const { id, node } = await run(cloud.syscalls(here), ['run', '--seconds', '1', '--exit', '7'], { on: there })
    expect(node).to.equal(there)
    const { objects } = await cloud.syscalls(here).list({})
    expect(objects.map(object => object.id)).to.include(id)
    expect(await exitOf(cloud.syscalls(here), id)).to.deep.equal({ kind: 'exited', code: 7 })
  }
}

describe('nodes that see each other only through others', () => {
  for (const guarded of [false, true]) {
    it(`call each other ${guarded ? 'with' : 'without'} certificates, and directly when they can`, async () => {
      await inCloud({ nodes: 3, sites: 3, guarded }, async cloud => {
        cloud.network.partition([['n1'], ['n3']])
        await cloud.pass(40_000)
        await expectCalls(cloud, 'n1', 'n3')
        expect(isDirect(cloud, 'n1', 'n3')).to.equal(false)
        for (const name of ['n1', 'n2', 'n3']) expect(await upAt(cloud, name)).to.deep.equal(['n1', 'n2', 'n3'])
        expect(eventsOf(cloud, ...LOSSES)).to.deep.equal([])
        cloud.network.heal()
        await cloud.pass(90_000)
        await expectCalls(cloud, 'n1', 'n3')
        expect(isDirect(cloud, 'n1', 'n3')).to.equal(true)
      })
    })
  }

  it('are held to be up by their whole site, for as long as it lasts', async () => {
    await inCloud({ nodes: 6 }, async cloud => {
      cloud.network.partition([['n1'], ['n3']])
      for (let i = 0; i < 30; i++) {
        await cloud.pass(10_000)
        for (const node of cloud.nodes()) {
          expect(node.membership.nodes().filter(({ state }) => state === 'down')).to.deep.equal([])
        }
      }
      await expectCalls(cloud, 'n1', 'n3')
      expect(eventsOf(cloud, ...LOSSES)).to.deep.equal([])
      cloud.network.heal()
      await cloud.pass(90_000)
      expect(isDirect(cloud, 'n1', 'n3')).to.equal(true)
      expect(eventsOf(cloud, ...LOSSES)).to.deep.equal([])
    })
  })

  it('find each other when they were never connected', async () => {
    await inDarkCloud({ nodes: 3, sites: 3, guarded: true }, async cloud => {
      cloud.network.partition([['n1'], ['n3']])
      await cloud.start('n2')
      await cloud.start('n1', ['n2'])
      await cloud.start('n3', ['n2'])
      await knowsAll(cloud)
      await expectCalls(cloud, 'n1', 'n3')
    })
  })

  it('are daemons like others where nobody can dial them', async () => {
    await inDarkCloud({ nodes: 4, guarded: true }, async cloud => {
      for (const name of ['n3', 'n4']) cloud.network.hide(name)
      await cloud.start('n1')
      for (const name of ['n2', 'n3', 'n4']) await cloud.start(name, ['n1'])
      await knowsAll(cloud)
      for (const other of ['n1', 'n2', 'n4']) await expectCalls(cloud, 'n3', other)
      expect(isDirect(cloud, 'n3', 'n4')).to.equal(false)
      const { rows } = await cloud.syscalls('n4').find({ query: 'name = n3' })
      expect(rows.map(({ node }) => node.name)).to.deep.equal(['n3'])
      await serve(cloud, 'n3', greeter('hidden'))
      for (const from of ['n1', 'n2', 'n4']) {
        expect(await ask(await dial(owner(cloud, from), 'web:http'), from)).to.equal(`hidden: ${from}`)
      }
    })
  })

  it('go through the nearest of those that both reach', async () => {
    await inCloud({ nodes: 5, sites: 5 }, async cloud => {
      await cloud.pass(60_000)
      const far = cloud.network.linkBetween('n1', 'n3')
      cloud.network.useLinks((from, to) => ({ ...far, latencyMs: [from, to].includes('n4') ? 2 : 40 }))
      await cloud.pass(60_000)
      cloud.network.partition([['n1'], ['n3']])
      await cloud.pass(60_000)
      const before = cloud.network.trafficOf('n4').sentBytes
      const startMs = cloud.timeline.nowMs
      await cloud.syscalls('n1').nodes({})
      const payload = 'x'.repeat(100_000)
      const { id } = await run(cloud.syscalls('n1'), ['run', '--seconds', '1', '--print', payload], { on: 'n3' })
      await exitOf(cloud.syscalls('n1'), id)
      expect(cloud.network.trafficOf('n4').sentBytes - before).to.be.above(100_000)
      expect(cloud.timeline.nowMs - startMs).to.be.below(5000)
    })
  })
})
