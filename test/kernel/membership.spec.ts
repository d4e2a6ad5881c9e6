import { expect } from 'chai'
import { encode } from '@welkin/abi'
import { all, codeOf, inCloud, knowsAll } from './in-cloud.ts'
import type { VirtualCloud } from '@welkin/sim'

const stateOf = (cloud: VirtualCloud, asked: string, about: string): string | undefined =>
  cloud.node(asked)?.membership.node(about)?.state

describe('membership', () => {
  it('tells what each node has', async () => {
    await inCloud({}, async cloud => {
      const { nodes } = await cloud.syscalls('n2').nodes({})
      expect(nodes.map(({ name }) => name)).to.deep.equal(['n1', 'n2', 'n3'])
      expect(nodes[2]).to.deep.include({ state: 'up', zone: 'sim/s1/r1', drivers: ['modelled'] })
      expect(nodes[2]?.machine).to.include({ cpuCount: 4, arch: 'x64' })
    })
  })

  it('holds a silent node to be down, and takes it back', async () => {
    await inCloud({}, async cloud => {
      cloud.powerOff('n2')
      expect(await cloud.until(() => stateOf(cloud, 'n1', 'n2') === 'down', { timeoutMs: 5000 }))
        .not.to.equal(undefined)
      await cloud.start('n2')
      await knowsAll(cloud)
      const types = (await all(cloud.syscalls('n1').events({ scope: 'node' }))).map(({ type }) => type)
      expect(types).to.include.members(['nodeJoined', 'nodeDown', 'nodeReturned'])
    })
  })

  it('believes a node that says that it leaves, at once', async () => {
    await inCloud({}, async cloud => {
      await cloud.node('n3')?.stop()
      await cloud.pass(100)
      expect(stateOf(cloud, 'n1', 'n3')).to.equal('down')
      const events = await all(cloud.syscalls('n1').events({ scope: 'node', types: ['nodeLeft'] }))
      expect(events).to.have.lengthOf(1)
    })
  })

  it('survives the loss of the node through which all had joined', async () => {
    await inCloud({ nodes: 6 }, async cloud => {
      await cloud.pass(5000)
      cloud.powerOff('n1')
      await cloud.pass(10_000)
      for (const { name } of cloud.places.slice(1)) {
        for (const { name: other } of cloud.places.slice(1)) {
          expect(stateOf(cloud, name, other), `${name} of ${other}`).to.equal('up')
        }
      }
    })
  })

  it('is whole again after a partition', async () => {
    await inCloud({ nodes: 6 }, async cloud => {
      await cloud.pass(5000)
      cloud.network.partition([['n1', 'n2', 'n3'], ['n4', 'n5', 'n6']])
      await cloud.pass(30_000)
      expect(stateOf(cloud, 'n1', 'n4')).to.equal('down')
      expect(stateOf(cloud, 'n1', 'n3')).to.equal('up')
      cloud.network.heal()
      await knowsAll(cloud)
    })
  })

  it('lets nobody speak for another, and is not shaken by nonsense', async () => {
    await inCloud({}, async cloud => {
      const machine = cloud.machines.get('n3') as NonNullable<ReturnType<typeof cloud.machines.get>>
      cloud.crash('n3')
      const { life, clock, keys, log } = machine.powerOn()
      const { gossip, transport } = cloud.network.join('n3', { life, clock, log })
      await transport.dial('virtual:n1')
      const record = { ...cloud.node('n1')?.membership.node('n2'), state: undefined, ageMs: undefined, zone: 'evil' }
      const forged = encode({ record, incarnation: 1e15, sequence: 0, leaving: true })
      for (const message of [
        encode([keys.sign(forged), forged]), encode([new Uint8Array(64), forged]), encode([1, 2]), encode('x'),
        new Uint8Array(), Uint8Array.of(0xc1), new Uint8Array(100_000)
      ]) gossip.publish('/welkin/nodes/1', message)
      await cloud.pass(1000)
      expect(cloud.node('n1')?.membership.node('n2')).to.include({ state: 'up', zone: 'sim/s1/r1' })
    })
  })
})

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
})

describe('a call', () => {
  it('can be sent to any node through any other', async () => {
    await inCloud({}, async cloud => {
      expect(await cloud.syscalls('n1').whoami({}, { node: 'n3' }))
        .to.deep.include({ node: 'n3', principal: 'node:n1' })
      expect(await cloud.syscalls('n1').whoami({})).to.deep.include({ node: 'n1', principal: 'owner' })
      expect(await codeOf(cloud.syscalls('n1').whoami({}, { node: 'n9' }))).to.equal('ENOENT')
    })
  })

  it('that is unknown, malformed or made the wrong way is refused, and harms nothing', async () => {
    await inCloud({ nodes: 1 }, async cloud => {
      const link = cloud.node('n1')?.link as NonNullable<ReturnType<typeof cloud.node>>['link']
      const send = async (...call: unknown[]): Promise<string> => await codeOf(link.request(encode(call)))
      const id = '0'.repeat(32)
      expect(await send('nope', {}, id, null, 0, [])).to.equal('ENOSYS')
      expect(await send('__proto__', {}, id, null, 0, [])).to.equal('ENOSYS')
      expect(await send('stat', { id: 7 }, id, null, 0, [])).to.equal('EINVAL')
      expect(await send('stat', { id: 'x', extra: 1 }, id, null, 0, [])).to.equal('EINVAL')
      expect(await send('stat', { id: 'x' }, 'short', null, 0, [])).to.equal('EPROTO')
      expect(await send('events', {}, id, null, 0, [])).to.equal('EPROTO')
      expect(await codeOf(link.request(Uint8Array.of(0xc1)))).to.equal('EPROTO')
      expect(await codeOf(all(link.open(encode(['stat', { id: 'x' }, id, null, 0, []]))))).to.equal('EPROTO')
      expect(await send('whoami', {}, id, null, 0, [])).to.equal('none')
    })
  })

  it('fails in time when its node is cut off', async () => {
    await inCloud({}, async cloud => {
      cloud.network.cut('n1', 'n2')
      cloud.network.cut('n2', 'n1')
      const startMs = cloud.timeline.nowMs
      expect(await codeOf(cloud.syscalls('n1').whoami({}, { node: 'n2', timeoutMs: 500 })))
        .to.be.oneOf(['ETIMEDOUT', 'EHOSTDOWN'])
      expect(cloud.timeline.nowMs - startMs).to.be.at.most(501)
    })
  })
})
