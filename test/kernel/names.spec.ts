import { expect } from 'chai'
import type { ArgsOf } from '@welkin/syscalls'
import type { VirtualCloud } from '@welkin/sim'
import { codeOf, inCloud, run } from './in-cloud.ts'
import { Outsider } from './outsider.ts'

const SIX = { nodes: 6, racks: 2, nodeOptions: { names: { tellMs: 6000 } } }
const idle = [{ name: 'x1', zone: 'sim/s1/r9' }, { name: 'x2', zone: 'sim/s1/r9' }]

/** To which nodes a name leads, as `from` sees it. */
async function meant (cloud: VirtualCloud, from: string, name: string): Promise<Array<string | undefined>> {
  return (await cloud.syscalls(from).name.resolve({ name, fresh: true })).entries.map(({ node }) => node)
}

async function bind (
  cloud: VirtualCloud, at: string, name: string, more: Partial<ArgsOf<'name.bind'>> = {}
): Promise<unknown> {
  return await cloud.syscalls(at).name.bind({ name, to: { node: at }, ...more })
}

/** Two sides that do not hear one another; each holds the other to be down in the end. */
async function cut (cloud: VirtualCloud, side: readonly string[]): Promise<void> {
  const others = cloud.places.map(({ name }) => name).filter(name => !side.includes(name))
  cloud.network.partition([side, others])
  await cloud.pass(15_000)
}

describe('names', () => {
  it('stand for the same on every node, in full or in the cloud\'s domain, until they are unbound', async () => {
    await inCloud(SIX, async cloud => {
      await bind(cloud, 'n2', 'web.sim', { ports: { http: 8080 } })
      for (const { name } of cloud.places) {
        for (const text of ['web', 'web.sim', 'WEB.sim.welkin.']) {
          expect(await meant(cloud, name, text)).to.deep.equal(['n2'])
        }
      }
      const { names } = await cloud.syscalls('n5').name.list({})
      expect(names.map(({ name, rule, entries }) => [name, rule, entries[0]?.ports])).to.deep.equal([
        ['web.sim', 'latest', { http: 8080 }]
      ])
      expect(await cloud.syscalls('n6').name.unbind({ name: 'web' })).to.deep.equal({ name: 'web.sim', removed: 1 })
      expect(await codeOf(meant(cloud, 'n1', 'web'))).to.equal('ENOENT')
      expect(await codeOf(cloud.syscalls('n6').name.unbind({ name: 'web' }))).to.equal('ENOENT')
    })
  })

  it('are bound to objects by their ids, to nodes, blobs and other names', async () => {
    await inCloud(SIX, async cloud => {
      const syscalls = cloud.syscalls('n1')
      const { id } = await run(syscalls, ['sleep', '100'], { on: 'n4', name: 'greet' })
      const blob = 'ab'.repeat(32)
      await syscalls.name.bind({ name: 'one', to: { object: 'greet' } })
      await syscalls.name.bind({ name: 'two', to: { blob } })
      await syscalls.name.bind({ name: 'three', to: { alias: 'one.sim' } })
      const [one, two, three] = await Promise.all(['one', 'two', 'three'].map(async name =>
        (await cloud.syscalls('n6').name.resolve({ name })).entries[0]))
      expect(one).to.deep.include({ object: id, node: 'n4' })
      expect(two).to.deep.include({ blob })
      expect(three).to.deep.include({ alias: 'one.sim' })
      expect(await codeOf(syscalls.name.bind({ name: 'four', to: { object: 'nobody' } }))).to.equal('ENOENT')
    })
  })

  it('are there for nodes, zones and objects without anybody binding them', async () => {
    await inCloud(SIX, async cloud => {
      const { id } = await run(cloud.syscalls('n1'), ['sleep', '100'], { on: 'n3', name: 'greet' })
      expect(await meant(cloud, 'n1', 'n4.node.sim')).to.deep.equal(['n4'])
      expect(await meant(cloud, 'n1', 'greet.object')).to.deep.equal(['n3'])
      expect(await meant(cloud, 'n1', `${id}.object.sim`)).to.deep.equal(['n3'])
      expect((await meant(cloud, 'n1', 'zone.sim')).length).to.equal(6)
      const inRack = cloud.places.filter(({ zone }) => zone.endsWith('/r2')).map(({ name }) => name)
      expect(await meant(cloud, 'n1', 'r2.s1.zone.sim')).to.deep.equal(inRack)
      expect(await codeOf(bind(cloud, 'n1', 'n9.node.sim'))).to.equal('EINVAL')
    })
  })

  it('outlive the node that answers for them, and not for long the one that has bound them', async () => {
    await inCloud({ ...SIX, nodes: 9 }, async cloud => {
      await bind(cloud, 'n2', 'short', { keepMs: 60_000 })
      await bind(cloud, 'n3', 'long', { keepMs: 3_600_000 })
      await cloud.pass(120_000)
      expect(await meant(cloud, 'n7', 'short')).to.deep.equal(['n2']) // it is bound again in time
      for (const name of ['n2', 'n3', 'n4']) cloud.powerOff(name)
      await cloud.pass(30_000)
      expect(await meant(cloud, 'n7', 'short')).to.deep.equal(['n2'])
      await cloud.pass(60_000)
      expect(await codeOf(meant(cloud, 'n7', 'short'))).to.equal('ENOENT')
      expect(await meant(cloud, 'n8', 'long')).to.deep.equal(['n3'])
    })
  })

  it('are bound again by the next life of their node', async () => {
    await inCloud(SIX, async cloud => {
      await bind(cloud, 'n2', 'web', { keepMs: 60_000 })
      cloud.powerOff('n2')
      await cloud.pass(20_000)
      await cloud.start('n2', ['n1'])
      await cloud.pass(90_000)
      expect(await meant(cloud, 'n5', 'web')).to.deep.equal(['n2'])
    })
  })

  it('are the first binder\'s alone where that is their rule', async () => {
    await inCloud(SIX, async cloud => {
      await bind(cloud, 'n1', 'web', { rule: 'first' })
      expect(await codeOf(bind(cloud, 'n2', 'web', { rule: 'first' }))).to.equal('EEXIST')
      expect(await codeOf(bind(cloud, 'n2', 'web', { rule: 'latest' }))).to.equal('EEXIST')
      await bind(cloud, 'n3', 'db')
      await bind(cloud, 'n4', 'db')
      expect(await meant(cloud, 'n5', 'db')).to.deep.equal(['n4'])
      await bind(cloud, 'n5', 'pool', { rule: 'both' })
      await bind(cloud, 'n6', 'pool', { rule: 'both' })
      expect(await meant(cloud, 'n1', 'pool')).to.have.members(['n5', 'n6'])
      expect(await codeOf(bind(cloud, 'n1', 'pool', { rule: 'latest' }))).to.equal('EINVAL')
    })
  })

  for (const [rule, expected] of [['latest', ['n5']], ['first', ['n1']], ['both', ['n1', 'n5']]] as const) {
    it(`bound on both sides of a cut are, by the rule "${rule}", the same everywhere after it`, async () => {
      await inCloud({ ...SIX, nodes: 8 }, async cloud => {
        const side = ['n1', 'n2', 'n3', 'n4']
        await cut(cloud, side)
        await bind(cloud, 'n1', 'web', { rule })
        await cloud.pass(1000)
        await bind(cloud, 'n5', 'web', { rule })
        expect(await meant(cloud, 'n2', 'web')).to.deep.equal(['n1'])
        expect(await meant(cloud, 'n6', 'web')).to.deep.equal(['n5'])
        cloud.network.heal()
        await cloud.pass(40_000)
        for (const { name } of cloud.places) expect(await meant(cloud, name, 'web'), name).to.have.members(expected)
        const lost = cloud.nodes().flatMap(({ id, events }) =>
          events.recent().filter(({ type }) => type === 'nameLost').map(({ fields }) => [id, fields.to]))
        expect(lost).to.deep.equal({ latest: [['n1', 'n5']], first: [['n5', 'n1']], both: [] }[rule])
      })
    })
  }

  it('are told of to those who watch them, as soon as they change', async () => {
    await inCloud(SIX, async cloud => {
      const news: string[] = []
      void (async () => {
        for await (const { name, entries } of cloud.syscalls('n6').name.watch({ names: ['web', 'n3.node.sim'] })) {
          news.push(`${name} ${entries.map(({ node }) => node).join(' ')}`)
        }
      })()
      await cloud.pass(1000)
      expect(news.splice(0).toSorted()).to.deep.equal(['n3.node.sim n3', 'web.sim '])
      await bind(cloud, 'n1', 'web')
      await cloud.pass(1000)
      expect(news.splice(0)).to.deep.equal(['web.sim n1'])
      await bind(cloud, 'n2', 'web')
      await cloud.pass(1000)
      expect(news.splice(0)).to.deep.equal(['web.sim n2'])
      await cloud.syscalls('n4').name.unbind({ name: 'web' })
      await cloud.pass(1000)
      expect(news.splice(0)).to.deep.equal(['web.sim '])
    })
  })

  it('are refused where they are none, or nothing answers, by a clear error', async () => {
    await inCloud(SIX, async cloud => {
      for (const name of ['a b', 'ä', '..', '-x', 'a'.repeat(64)]) {
        expect(await codeOf(cloud.syscalls('n1').name.resolve({ name })), name).to.equal('EINVAL')
      }
      expect(await codeOf(bind(cloud, 'n1', 'web.sim', { ports: { 'a b': 1 } }))).to.equal('EINVAL')
      expect(await codeOf(cloud.syscalls('n1').name.resolve({ name: 'nothing' }))).to.equal('ENOENT')
    })
  })

  it('are bound in the domain of the user who has logged in, and outlast the session', async () => {
    await inCloud({ ...SIX, guarded: true }, async cloud => {
      const password = 'correct horse battery staple'
      await cloud.syscalls('n1').user.add({ name: 'alice', password })
      const syscalls = cloud.syscalls('n3')
      await syscalls.login({ name: 'alice', password })
      await bind(cloud, 'n3', 'web', { keepMs: 60_000 })
      expect(await codeOf(bind(cloud, 'n3', 'web.sim'))).to.equal('EACCES')
      const { id, node } = await run(syscalls, ['sleep', '1000'], { name: 'mail', ports: { smtp: 25 } })
      await cloud.pass(1000)
      await syscalls.logout({})
      await cloud.pass(200_000)
      expect(await meant(cloud, 'n6', 'web.alice.sim')).to.deep.equal(['n3'])
      const { entries } = await cloud.syscalls('n2').name.resolve({ name: 'mail.alice' })
      expect(entries.map(entry => [entry.object, entry.node, entry.ports])).to.deep.equal([[id, node, { smtp: 25 }]])
      expect(await codeOf(cloud.syscalls('n1').user.add({ name: 'node', password }))).to.equal('EINVAL')
    })
  })

  it('of what runs and can be talked to are those of what runs, wherever that is', async () => {
    await inCloud(SIX, async cloud => {
      const syscalls = cloud.syscalls('n1')
      const { objects } = await syscalls.spawn({
        program: { driver: 'modelled', argv: ['sleep', '1000'] }, name: 'web', count: 3, ports: { http: 80 }
      })
      await cloud.pass(1000)
      expect(await meant(cloud, 'n6', 'web')).to.have.members(objects.map(({ node }) => node))
      expect(await meant(cloud, 'n6', '1.web.sim')).to.deep.equal([objects[1]?.node])
      await syscalls.kill({ id: objects[1]?.id as string, graceMs: 0 })
      await cloud.pass(1000)
      expect((await meant(cloud, 'n6', 'web')).length).to.equal(2)
      expect(await codeOf(meant(cloud, 'n6', '1.web'))).to.equal('ENOENT')
    })
  })

  it('are bound in their own domain by those who were given it, and nowhere else', async () => {
    await inCloud({ ...SIX, guarded: true, idle }, async cloud => {
      const grants = [{ can: ['names.bind'], on: ['domain:alice.sim'] }, { can: ['names.read'] }]
      const alice = new Outsider(cloud, 'x1', grants)
      const mallory = new Outsider(cloud, 'x2', [{ can: ['names.read'] }])
      const ask = async (who: Outsider, name: string) => {
        const chain = [...who.chain, who.extend(who.chain, {
          audience: 'n2', grants: [{ can: ['names.bind'] }], proxy: true, expiresMs: 1e15
        }).at(-1) as Uint8Array]
        return await who.ask('n2', 'name.bind', { name, to: { node: 'n3' } }, chain)
      }
      expect(await ask(alice, 'web')).to.deep.include({ name: 'web.alice.sim' })
      expect(await ask(alice, 'a.b.alice.sim')).to.deep.include({ name: 'a.b.alice.sim' })
      for (const name of ['web.sim', 'web.bob.sim', 'web.malice.sim', 'sim']) {
        expect(await codeOf(ask(alice, name)), name).to.be.oneOf(['EACCES', 'EINVAL'])
      }
      expect(await codeOf(ask(mallory, 'web.alice.sim'))).to.equal('EACCES')
      expect(await meant(cloud, 'n6', 'web.alice.sim')).to.deep.equal(['n3'])
      await bind(cloud, 'n4', 'web.sim') // the owner of a node may everywhere
      expect(await meant(cloud, 'n1', 'web')).to.deep.equal(['n4'])
    })
  })
})
