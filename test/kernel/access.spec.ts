import { expect } from 'chai'
import { sealDelegation, sealRevocation, type Grant } from '@welkin/capability'
import type { NodeId } from '@welkin/interface'
import type { VirtualCloud } from '@welkin/sim'
import { codeOf, eventsOf, inCloud, inDarkCloud, knowsAll, run } from './in-cloud.ts'
import { Outsider } from './outsider.ts'

const GUARDED = { guarded: true, nodes: 4 }

const idle = [{ name: 'x1', zone: 'sim/s1/r9' }, { name: 'x2', zone: 'sim/s1/r9' }]

describe('access', () => {
  it('lets the owner of an admitted node run, watch and end programs anywhere', async () => {
    await inCloud(GUARDED, async cloud => {
      const syscalls = cloud.syscalls('n1')
      const { id, node } = await run(syscalls, ['sleep', '100'], { on: 'n3' })
      expect(node).to.equal('n3')
      const { objects } = await cloud.syscalls('n2').list({})
      expect(objects.map(object => object.owner)).to.deep.equal(['n1'])
      expect((await cloud.syscalls('n4').kill({ id })).exit).to.deep.equal({ kind: 'signaled', signal: 'SIGTERM' })
    })
  })

  it('hears nobody without a certificate, by any protocol', async () => {
    await inCloud({ ...GUARDED, idle, hostile: true }, async cloud => {
      const stranger = new Outsider(cloud, 'x1', [{ can: ['*'] }])
      expect(await codeOf(stranger.ask('n1', 'nodes', {}, []))).to.equal('EACCES')
      const root = cloud.root?.key.self as string
      const node = await cloud.start('x2', ['n1'], { by: 'certificate', certificate: forged(cloud, 'x2'), root })
      await cloud.pass(20_000)
      expect(node.membership.nodes().map(({ id }) => id)).to.deep.equal(['x2'])
      expect(cloud.node('n1')?.membership.node('x2')).to.equal(undefined)
    })
  })

  it('lets outsiders do what they were given, and nothing more', async () => {
    await inCloud({ ...GUARDED, idle }, async cloud => {
      const guest = new Outsider(cloud, 'x1', [{ can: ['resources.read'] }])
      expect(await codeOf(guest.ask('n1', 'nodes', {}))).to.equal('none')
      const program = { driver: 'modelled', argv: ['exit', '0'] }
      expect(await codeOf(guest.ask('n1', 'spawn', { program }))).to.equal('EACCES')
      expect(await codeOf(new Outsider(cloud, 'x2', [{ can: ['*'] }], 1).ask('n1', 'nodes', {}))).to.equal('EACCES')
      const refused = cloud.node('n1')?.events.recent().filter(({ type }) => type === 'callRefused')
      expect(refused?.map(({ fields: { call, principal } }) => [call, principal])).to.deep.equal([['spawn', 'x1']])
    })
  })

  it('refuses a chain that somebody else shows, that was widened, spliced or changed', async () => {
    await inCloud({ ...GUARDED, idle }, async cloud => {
      const alice = new Outsider(cloud, 'x1', [{ can: ['resources.read'] }])
      const mallory = new Outsider(cloud, 'x2', [{ can: ['cloud.read'] }])
      expect(await codeOf(mallory.ask('n1', 'nodes', {}, alice.chain))).to.equal('EACCES')
      const keys = cloud.authority.keysOf('x2')
      const link = (parent: Uint8Array | undefined, grants: Grant[]): Uint8Array => sealDelegation(
        { audience: 'x2', grants, expiresMs: 1e15 }, { signer: keys, parent, nonce: new Uint8Array(8) }, keys)
      const [own] = mallory.chain
      const [hers] = alice.chain
      const all: Grant[] = [{ can: ['*'] }]
      const tries = {
        widened: [own, link(own, all)],
        spliced: [hers, link(hers, all)],
        'of another parent': [own, link(hers, all)],
        rootless: [link(undefined, all)],
        cut: [link(own, all)],
        changed: [(own as Uint8Array).map((byte, at) => at === 70 ? byte ^ 1 : byte)],
        empty: [new Uint8Array()]
      }
      for (const [what, chain] of Object.entries(tries)) {
        const code = await codeOf(mallory.ask('n1', 'nodes', {}, chain as Uint8Array[]))
        expect(code, what).to.be.oneOf(['EACCES', 'EPROTO'])
      }
      expect(await codeOf(mallory.ask('n1', 'events', {}))).to.equal('EPROTO') // it is a stream: it got that far
    })
  })

  it('gives a task what concerns itself and what its spec lists', async () => {
    await inCloud(GUARDED, async cloud => {
      const syscalls = cloud.syscalls('n1')
      const { id } = await run(syscalls, ['sleep', '100'], { on: 'n2' })
      const other = await run(syscalls, ['sleep', '100'], { on: 'n2' })
      const task = cloud.objectSyscalls('n2', id)
      expect(await codeOf(task.stat({ id }))).to.equal('none')
      expect(await codeOf(task.stat({ id: other.id }))).to.equal('EACCES')
      expect(await codeOf(task.nodes({}))).to.equal('EACCES')
      expect(await codeOf(run(task, ['exit', '0']))).to.equal('EACCES')
      const able = await run(syscalls, ['sleep', '100'], { on: 'n2', can: ['processes.spawn', 'resources.read'] })
      const spawner = cloud.objectSyscalls('n2', able.id)
      expect(await codeOf(spawner.nodes({}))).to.equal('none')
      const child = await run(spawner, ['sleep', '100'], { on: 'n3' })
      expect((await syscalls.stat({ id: child.id })).owner).to.equal('n1')
    })
  })

  it('admits by ticket, as often as it says, where it says, and not later', async () => {
    await inCloud({ ...GUARDED, idle }, async cloud => {
      const { ticket } = await cloud.syscalls('n1').invite({ zone: 'sim/s1' })
      const node = await cloud.start('x1', [], { by: 'ticket', ticket })
      await knowsAll(cloud)
      expect(node.membership.nodes()).to.have.length(5)
      const tryIt = async (text: string): Promise<string> => {
        if (cloud.machines.get('x2')?.isUp === true) cloud.powerOff('x2')
        return await codeOf(cloud.start('x2', [], { by: 'ticket', ticket: text }))
      }
      expect(await tryIt(ticket)).to.equal('EACCES')
      const elsewhere = await cloud.syscalls('n1').invite({ zone: 'sim/s2' })
      expect(await tryIt(elsewhere.ticket)).to.equal('EACCES')
      const short = await cloud.syscalls('n1').invite({ ttlMs: 1000 })
      await cloud.pass(2000)
      expect(await tryIt(short.ticket)).to.equal('EACCES')
      expect(await tryIt(ticket.slice(0, -1))).to.equal('EINVAL')
      const owner = cloud.syscalls('x1')
      const mine = await run(owner, ['sleep', '100'], { on: 'n2' })
      const theirs = await run(cloud.syscalls('n1'), ['sleep', '100'], { on: 'n2' })
      expect(await codeOf(owner.kill({ id: mine.id }))).to.equal('none')
      expect(await codeOf(owner.kill({ id: theirs.id }))).to.equal('EACCES')
      expect((await owner.list({})).objects.map(({ id }) => id)).to.deep.equal([])
    })
  })

  it('takes a node out for good within seconds, though it goes on talking', async () => {
    await inCloud({ ...GUARDED, nodes: 6 }, async cloud => {
      await cloud.syscalls('n1').revoke({ target: 'n5' })
      await cloud.pass(5000)
      const others = cloud.places.map(({ name }) => name).filter(name => name !== 'n5')
      for (const name of others) {
        expect(cloud.node(name)?.membership.node('n5')?.state, name).to.equal('down')
        expect(cloud.node(name)?.authentication?.isMember('n5'), name).to.equal(false)
      }
      expect(await codeOf(run(cloud.syscalls('n5'), ['exit', '0'], { on: 'n1' }))).not.to.equal('none')
      await cloud.pass(60_000)
      expect(eventsOf(cloud, 'nodeReturned')).to.deep.equal([])
    })
  })

  it('tells of what was revoked on the other side of a cut as soon as that is mended', async () => {
    await inCloud({ ...GUARDED, nodes: 6, idle }, async cloud => {
      const user = new Outsider(cloud, 'x1', [{ can: ['resources.read'] }])
      const left = ['n1', 'n2', 'n3']
      const right = ['n4', 'n5', 'n6']
      cloud.network.partition([left, right])
      const revocation = sealRevocation({ target: 'x1', expiresMs: 1e15 }, cloud.root?.key as never)
      await cloud.node('n1')?.authentication?.revoke(revocation.wire)
      await cloud.pass(5000)
      expect(await codeOf(user.ask('n2', 'nodes', {}))).to.equal('EACCES')
      expect(await codeOf(user.ask('n5', 'nodes', {}))).to.equal('none')
      cloud.network.heal()
      await knowsAll(cloud)
      await cloud.pass(5000)
      expect(await codeOf(user.ask('n5', 'nodes', {}))).to.equal('EACCES')
    })
  })

  it('takes nothing for revoked that it does not know, and a grant by the beginning of its id', async () => {
    await inCloud(GUARDED, async cloud => {
      const syscalls = cloud.syscalls('n1')
      const { id } = await syscalls.grant({ role: 'guest' })
      for (const target of ['0123abcd0123', 'alice', 'n9']) {
        expect(await codeOf(syscalls.revoke({ target }))).to.equal('ENOENT')
      }
      expect(await syscalls.revoke({ target: id.slice(0, 12) })).to.deep.equal({ target: id })
      expect(await codeOf(syscalls.grant({ grants: [{ can: ['procesess.kill'] }] }))).to.equal('EINVAL')
    })
  })

  it('refuses to let anybody revoke what is not theirs', async () => {
    await inCloud({ ...GUARDED, idle }, async cloud => {
      const guest = new Outsider(cloud, 'x1', [{ can: ['*'], zone: 'sim/s9' }])
      const key = cloud.authority.keysOf(guest.name)
      const authentication = cloud.node('n1')?.authentication
      for (const target of ['n2', cloud.root?.key.self as string]) {
        const { wire } = sealRevocation({ target, expiresMs: 1e15, chain: guest.chain }, key)
        expect(await codeOf(authentication?.revoke(wire) as Promise<void>)).to.equal('EACCES')
      }
    })
  })

  it('lets a node come back under another key with the same rights, and takes the old one back', async () => {
    await inDarkCloud({ nodes: 4 }, async cloud => {
      await cloud.start('n1', [], { by: 'founding' })
      const { ticket } = await cloud.syscalls('n1').invite({ zone: 'sim/s1', role: 'guest' })
      await cloud.start('n2', [], { by: 'ticket', ticket })
      await knowsAll(cloud)
      const renewal = await cloud.syscalls('n2').rotate({})
      cloud.powerOff('n2')
      await cloud.start('n3', [], { by: 'ticket', ticket: renewal.ticket })
      await cloud.pass(5000)
      expect(cloud.node('n1')?.authentication?.isRevoked('n2')).to.equal(true)
      expect((await cloud.syscalls('n3').whoami({})).grants?.flatMap(({ can }) => can)).to.include('resources.read')
      expect(await codeOf(run(cloud.syscalls('n3'), ['exit', '0']))).to.equal('EACCES')
      expect(await codeOf(cloud.start('n4', [], { by: 'ticket', ticket: renewal.ticket }))).to.equal('EACCES')
      expect(await codeOf(cloud.syscalls('n1').rotate({}))).to.equal('EPERM')
    })
  })

  it('keeps those whom the founder has invited when the founder is thrown out', async () => {
    await inDarkCloud({ nodes: 3 }, async cloud => {
      const founder = await cloud.start('n1', [], { by: 'founding' })
      const { ticket } = await cloud.syscalls('n1').invite({ uses: 2, role: 'admin' })
      for (const name of ['n2', 'n3']) await cloud.start(name, [], { by: 'ticket', ticket })
      await knowsAll(cloud)
      await cloud.syscalls('n2').revoke({ target: founder.id })
      cloud.powerOff('n1')
      await cloud.pass(10_000)
      const { id } = await run(cloud.syscalls('n2'), ['sleep', '100'], { on: 'n3' })
      expect(await codeOf(cloud.syscalls('n3').kill({ id }))).to.equal('none')
    })
  })
})

function forged (cloud: VirtualCloud, name: NodeId): readonly Uint8Array[] {
  const keys = cloud.authority.keysOf(name)
  const root = { ...keys, self: cloud.root?.key.self as string }
  return [sealDelegation({ audience: name, grants: [{ can: ['*'] }], expiresMs: 1e15 }, {
    signer: root, parent: undefined, nonce: new Uint8Array(8)
  }, keys)]
}
