import { expect } from 'chai'
import { encode } from '@welkin/abi'
import { createNode, type Node, type NodePorts } from '@welkin/daemon'
import { CloudError } from '@welkin/interface'
import type { VirtualMachine } from '@welkin/platform-virtual'
import type { VirtualCloud } from '@welkin/sim'
import { all, codeOf, inCloud, knowsAll, QUICK } from './in-cloud.ts'

const machineOf = (cloud: VirtualCloud, name: string): VirtualMachine => cloud.machines.get(name) as VirtualMachine

/** Starts a node outside the cloud's own books, with some of its ports exchanged. */
async function startWith (
  cloud: VirtualCloud, name: string, join: string[], exchange: (ports: NodePorts) => Partial<NodePorts>
): Promise<Node> {
  const { life, driver, ...rest } = machineOf(cloud, name).powerOn()
  const ports = { ...rest, ...cloud.network.join(name, { life, ...rest }), drivers: () => [driver] }
  return await createNode({ ...ports, ...exchange(ports) }, {
    name, zone: 'sim/s1/r1', join, options: QUICK
  })
}

const stateOf = (cloud: VirtualCloud, asked: string, about: string): string | undefined =>
  cloud.node(asked)?.membership.node(about)?.state

describe('membership', () => {
  it('tells what each node has', async () => {
    await inCloud({}, async cloud => {
      const { nodes } = await cloud.syscalls('n2').nodes({})
      expect(nodes.map(({ name }) => name)).to.deep.equal(['n1', 'n2', 'n3'])
      expect(nodes[2]).to.deep.include({ state: 'up', zone: 'sim/s1/r1', drivers: ['modelled', 'modelled-strict'] })
      expect(nodes[2]?.machine).to.include({ cpuCount: 4, arch: 'x64' })
    })
  })

  it('holds a silent node to be down, and takes it back', async () => {
    await inCloud({}, async cloud => {
      cloud.powerOff('n2')
      expect(await cloud.until(() => stateOf(cloud, 'n1', 'n2') === 'down', { timeoutMs: 5000 }))
        .not.to.equal(undefined)
      await cloud.pass(2000) // a loss is held back for a moment, lest it be all of a rack
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

  it('is whole again after a partition that was so long that both sides had forgotten each other', async () => {
    const nodeOptions = { resources: { forgetMs: 20_000 } }
    await inCloud({ nodes: 4, nodeOptions }, async cloud => {
      // Of those beyond the cut, these know no more than what is on their disks.
      for (const name of ['n3', 'n4']) {
        cloud.crash(name)
        await cloud.start(name)
      }
      await knowsAll(cloud)
      cloud.network.partition([['n1', 'n2'], ['n3', 'n4']])
      await cloud.pass(60_000)
      expect(cloud.node('n1')?.membership.nodes().map(({ id }) => id)).to.deep.equal(['n1', 'n2'])
      expect(cloud.node('n3')?.membership.nodes().map(({ id }) => id)).to.deep.equal(['n3', 'n4'])
      cloud.network.heal()
      await knowsAll(cloud)
    })
  })

  it('keeps the addresses of those who fell silent, not of those who took leave', async () => {
    const nodeOptions = { resources: { forgetMs: 20_000 } }
    await inCloud({ nodeOptions }, async cloud => {
      await cloud.node('n2')?.stop()
      cloud.powerOff('n2')
      cloud.powerOff('n3')
      await cloud.pass(30_000)
      expect(cloud.node('n1')?.membership.nodes()).to.have.lengthOf(1)
      const keys = machineOf(cloud, 'n1').platter.recordKeys()
      expect(keys.filter(key => key.startsWith('resources/known/'))).to.deep.equal(['resources/known/n3'])
    })
  })

  it('takes a node back whose clock was set back meanwhile', async () => {
    await inCloud({}, async cloud => {
      cloud.crash('n2')
      machineOf(cloud, 'n2').quartz.stepWall(-3_600_000)
      await cloud.start('n2')
      await cloud.pass(5000)
      expect(stateOf(cloud, 'n1', 'n2')).to.equal('up')
    })
  })
})

describe('a node', () => {
  it('goes on announcing itself when its machine does not tell its load any more', async () => {
    await inCloud({ nodes: 2 }, async cloud => {
      cloud.crash('n2')
      let broken = false
      await startWith(cloud, 'n2', ['virtual:n1'], ({ machine }) => ({
        machine: {
          facts: async () => await machine.facts(),
          load: async () => {
            if (broken) throw new CloudError('EIO', 'The disk is gone.')
            return { memoryFreeBytes: 7 * 2 ** 20 }
          }
        }
      }))
      await cloud.pass(2000)
      broken = true
      await cloud.pass(10_000)
      const seen = cloud.node('n1')?.membership.node('n2')
      expect(seen?.state).to.equal('up')
      expect(seen?.load.memoryFreeBytes).to.equal(7 * 2 ** 20)
    })
  })

  it('says nothing after its farewell, though its load comes late', async () => {
    await inCloud({ nodes: 2 }, async cloud => {
      cloud.crash('n2')
      const loads: Array<() => void> = []
      let isSlow = false
      const node = await startWith(cloud, 'n2', ['virtual:n1'], ({ machine }) => ({
        machine: {
          facts: async () => await machine.facts(),
          load: async () => {
            if (isSlow) await new Promise<void>(resolve => { loads.push(resolve) })
            return await machine.load()
          }
        }
      }))
      await cloud.until(() => stateOf(cloud, 'n1', 'n2') === 'up', { timeoutMs: 5000 })
      isSlow = true
      await cloud.until(() => loads.length > 0, { timeoutMs: 5000 })
      await node.stop()
      for (const come of loads) come()
      await cloud.pass(1000)
      expect(stateOf(cloud, 'n1', 'n2')).to.equal('down')
    })
  })

  it('tries to join until somebody answers, and no longer than it lives', async () => {
    await inCloud({ nodes: 2 }, async cloud => {
      cloud.powerOff('n1')
      cloud.crash('n2')
      let dials = 0
      const node = await startWith(cloud, 'n2', ['virtual:n1'], ({ transport }) => ({
        transport: {
          self: transport.self,
          addresses: () => transport.addresses(),
          learn: transport.learn.bind(transport),
          link: transport.link.bind(transport),
          serve: transport.serve.bind(transport),
          watch: transport.watch.bind(transport),
          relay: transport.relay.bind(transport),
          dial: async (...args: Parameters<typeof transport.dial>) => {
            dials++
            return await transport.dial(...args)
          }
        }
      }))
      await cloud.pass(30_000)
      expect(dials).to.be.above(3)
      await node.stop()
      const before = dials
      await cloud.pass(60_000)
      expect(dials).to.equal(before)
    })
  })

  it('that cannot be announced does not start', async () => {
    await inCloud({ nodes: 2 }, async cloud => {
      cloud.crash('n2')
      const starting = startWith(cloud, 'n2', [], ({ machine }) => ({
        machine: {
          facts: async () => ({ ...await machine.facts(), hostname: 'x'.repeat(300) }),
          load: async () => await machine.load()
        }
      }))
      expect(await codeOf(starting)).to.equal('EINVAL')
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
