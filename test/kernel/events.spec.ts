import { expect } from 'chai'
import { encode, encodeCall } from '@welkin/abi'
import { CloudError, type CloudEvent, type Events } from '@welkin/interface'
import type { Node } from '@welkin/daemon'
import type { VirtualMachine } from '@welkin/platform-virtual'
import type { VirtualCloud } from '@welkin/sim'
import { all, inCloud, knowsAll, run } from './in-cloud.ts'

/** What one who follows the cloud's events by the node of this name has been told, as it grows. */
function follow (cloud: VirtualCloud, name: string, types: string[]): readonly CloudEvent[] {
  const events: CloudEvent[] = []
  void (async () => {
    for await (const event of cloud.syscalls(name).events({ follow: true, types })) events.push(event)
  })()
  return events
}

describe('events', () => {
  it('of the whole cloud come from any node, in order of time, and go on coming', async () => {
    await inCloud({}, async cloud => {
      const program = { driver: 'modelled', argv: ['sleep', '1'] }
      const { objects } = await cloud.syscalls('n1').spawn({ program, count: 6 })
      await cloud.pass(5000)
      const exits = await all(cloud.syscalls('n3').events({ types: ['objectExited'] }))
      expect(exits.map(({ fields }) => fields['object'])).to.have.members(objects.map(({ id }) => id))
      expect(exits.map(({ atMs }) => atMs)).to.deep.equal(exits.map(({ atMs }) => atMs).toSorted((a, b) => a - b))

      const spawns = cloud.syscalls('n3').events({ types: ['objectSpawned'], follow: true, scope: 'node' })
      const following = spawns[Symbol.asyncIterator]()
      const first = following.next()
      await cloud.pass(100)
      await cloud.syscalls('n1').spawn({ program: { driver: 'modelled', argv: ['exit', '0'] }, on: 'n3' })
      expect((await first).value).to.have.property('type', 'objectSpawned')
      await following.return?.()
    })
  })

  it('go on coming from a node in its next lives, each once', async () => {
    await inCloud({ nodes: 2 }, async cloud => {
      const events = follow(cloud, 'n1', ['objectSpawned'])
      const spawned: string[] = []
      const spawn = async (): Promise<void> => {
        spawned.push((await run(cloud.syscalls('n2'), ['exit', '0'], { on: 'n2' })).id)
        await cloud.pass(1000)
      }
      await cloud.pass(500)
      await spawn()
      cloud.crash('n2')
      await cloud.start('n2', ['n1'])
      await knowsAll(cloud)
      await spawn()
      cloud.powerOff('n2')
      await cloud.pass(20_000)
      await cloud.start('n2')
      await knowsAll(cloud)
      await spawn()
      cloud.network.disconnect('n1', 'n2')
      await cloud.pass(2000)
      await spawn()
      expect(events.map(({ fields }) => fields['object'])).to.deep.equal(spawned)
    })
  })

  it('come from nodes that join later', async () => {
    await inCloud({ nodes: 3 }, async cloud => {
      cloud.powerOff('n3')
      const events = follow(cloud, 'n1', ['objectSpawned'])
      await cloud.pass(30_000)
      await cloud.start('n3')
      await knowsAll(cloud)
      await run(cloud.syscalls('n3'), ['exit', '0'], { on: 'n3' })
      await cloud.pass(5000)
      expect(events.map(({ node }) => node)).to.deep.equal(['n3'])
    })
  })

  it('do not wait long for a node that is silent', async () => {
    await inCloud({ nodes: 3 }, async cloud => {
      cloud.network.cut('n1', 'n3')
      cloud.network.cut('n3', 'n1')
      const startMs = cloud.timeline.nowMs
      const started = await all(cloud.syscalls('n1').events({ types: ['nodeStarted'] }))
      expect(started.map(({ node }) => node)).to.deep.equal(['n1', 'n2'])
      expect(cloud.timeline.nowMs - startMs).to.be.at.most(3100)
    })
  })

  it('of one node that talks nonsense are left out', async () => {
    await inCloud({ nodes: 3 }, async cloud => {
      cloud.crash('n3')
      const { life, clock, log } = (cloud.machines.get('n3') as VirtualMachine).powerOn()
      const { transport } = cloud.network.join('n3', { life, clock, log })
      transport.serve('/welkin/syscall/1', {
        request: async () => encode(7),
        channel: async (_payload, channel) => { await channel.send(encode(null)) }
      })
      const events = follow(cloud, 'n1', ['objectSpawned'])
      const started = await all(cloud.syscalls('n1').events({ types: ['nodeStarted'] }))
      expect(started.map(({ node }) => node)).to.deep.equal(['n1', 'n2'])
      await run(cloud.syscalls('n2'), ['exit', '0'], { on: 'n2' })
      await cloud.pass(1000)
      expect(events.map(({ node }) => node)).to.deep.equal(['n2'])
    })
  })

  it('leave nothing behind when nobody wants them any more', async () => {
    await inCloud({ nodes: 2 }, async cloud => {
      const { events, link } = cloud.node('n1') as Node
      const listening = countListeners(events)
      let calls = 0
      const open = (scope: 'node' | 'cloud') => link.open(encodeCall({
        name: 'events', args: { follow: true, scope }, requestId: (++calls).toString(16).padStart(32, 'e'), hops: 0,
        chain: []
      }))
      for (const scope of ['node', 'cloud'] as const) {
        for (let i = 0; i < 50; i++) open(scope).fail(new CloudError('ECANCELED', 'Never mind.'))
      }
      await cloud.pass(5000)
      expect(listening()).to.equal(0)
      const late = open('cloud')
      await cloud.pass(1000)
      expect(listening()).to.be.above(0)
      late.fail(new CloudError('ECANCELED', 'Never mind.'))
      await cloud.pass(5000)
      expect(listening()).to.equal(0)
    })
  })
})

/** From now on. */
function countListeners (events: Events): () => number {
  let count = 0
  const subscribe = events.subscribe.bind(events)
  events.subscribe = listener => {
    const cancel = subscribe(listener)
    count++
    return () => {
      count--
      cancel()
    }
  }
  return () => count
}
