import { expect } from 'chai'
import type { NodeId } from '@welkin/interface'
import type { VirtualCloud } from '@welkin/sim'
import { codeOf, inCloud, inDarkCloud, knowsAll, run } from './in-cloud.ts'

const GUARDED = { guarded: true, nodes: 5 }
const PASSWORD = 'correct horse battery staple'
const MINUTE_MS = 60_000

describe('users', () => {
  it('are made at one node, log in at another, and run there in their own name', async () => {
    await inCloud(GUARDED, async cloud => {
      const theirs = await run(cloud.syscalls('n1'), ['sleep', '100'], { on: 'n2' })
      const { key, holders } = await add(cloud, 'n1')
      expect(holders).to.have.length(3)
      const syscalls = cloud.syscalls('n3')
      expect((await syscalls.login({ name: 'alice', password: PASSWORD })).key).to.equal(key)
      expect(await syscalls.whoami({})).to.deep.include({ user: 'alice', key })
      const own = await run(syscalls, ['sleep', '100'], { on: 'n4' })
      expect((await syscalls.list({})).objects.map(({ id, owner }) => [id, owner])).to.deep.equal([[own.id, key]])
      expect(await codeOf(syscalls.kill({ id: theirs.id }))).to.equal('EACCES')
      expect(await codeOf(syscalls.user.list({}))).to.equal('EACCES')
      expect(await syscalls.logout({})).to.deep.equal({ name: 'alice' })
      expect((await syscalls.whoami({})).key).to.equal('n3')
      expect(await syscalls.logout({})).to.deep.equal({})
    })
  })

  it('have a name each, and none is called root', async () => {
    await inCloud(GUARDED, async cloud => {
      await add(cloud, 'n1')
      expect(await codeOf(add(cloud, 'n2'))).to.equal('EEXIST')
      expect(await codeOf(add(cloud, 'n2', 'root'))).to.equal('EACCES')
      expect((await cloud.syscalls('n4').user.list({})).users.map(({ name }) => name)).to.deep.equal(['alice'])
    })
  })

  it('get nowhere by guessing, and nobody learns who exists', async () => {
    await inCloud(GUARDED, async cloud => {
      await add(cloud, 'n1')
      const syscalls = cloud.syscalls('n2')
      const codes: Record<string, string[]> = { alice: [], nobody: [] }
      for (let tries = 0; tries < 7; tries++) {
        for (const name of ['alice', 'nobody']) {
          codes[name]?.push(await codeOf(syscalls.login({ name, password: `guess ${tries}` })))
        }
      }
      const refused = Array.from({ length: 5 }, () => 'EACCES')
      expect(codes['alice']).to.deep.equal([...refused, 'EAGAIN', 'EAGAIN'])
      expect(codes['nobody']).to.deep.equal(codes['alice'])
      const told = cloud.node('n2')?.events.recent().filter(({ type }) => type === 'callRefused')
      expect(told?.filter(({ fields: { user } }) => user === 'nobody')).to.have.length(7)
      expect(await codeOf(syscalls.login({ name: 'alice', password: PASSWORD }))).to.equal('EAGAIN')
      await cloud.pass(10_000)
      expect(await codeOf(syscalls.login({ name: 'alice', password: PASSWORD }))).to.equal('none')
    })
  })

  it('wait on after a guess, though the holders are started again', async () => {
    await inCloud({ ...GUARDED, nodes: 2 }, async cloud => {
      await add(cloud, 'n1')
      for (let tries = 0; tries < 12; tries++) {
        await codeOf(cloud.syscalls('n2').login({ name: 'alice', password: 'guess' }))
        if (tries < 11) await cloud.pass(300_000)
      }
      for (const name of ['n1', 'n2']) {
        cloud.powerOff(name)
        await cloud.start(name, [name === 'n1' ? 'n2' : 'n1'])
        await knowsAll(cloud)
      }
      expect(await codeOf(cloud.syscalls('n2').login({ name: 'alice', password: PASSWORD }))).to.equal('EAGAIN')
    })
  })

  it('log in while one holder is up, and are told which nodes to start when none is', async () => {
    await inCloud({ ...GUARDED, nodes: 6 }, async cloud => {
      const { holders } = await add(cloud, 'n1')
      const bystander = cloud.places.map(({ name }) => name).find(name => !holders.includes(name)) as NodeId
      const syscalls = cloud.syscalls(bystander)
      for (const [at, holder] of holders.entries()) {
        expect(await codeOf(syscalls.login({ name: 'alice', password: PASSWORD })), `${at} down`).to.equal('none')
        expect(await codeOf(syscalls.login({ name: 'alice', password: 'guess' }))).to.equal('EACCES')
        cloud.powerOff(holder)
        await cloud.pass(5000)
      }
      const failure = await syscalls.login({ name: 'alice', password: PASSWORD }).catch((error: unknown) => error)
      expect(failure).to.include({ code: 'EHOSTDOWN' })
      expect((failure as Error).message).to.include(holders[0])
    })
  })

  it('are copied to other nodes when holders are gone for good, and let go of when these return', async () => {
    await inCloud({ ...GUARDED, nodes: 6 }, async cloud => {
      const { holders } = await add(cloud, 'n1')
      const [first, second, third] = holders as [NodeId, NodeId, NodeId]
      cloud.powerOff(first)
      cloud.powerOff(second)
      await cloud.pass(700_000)
      cloud.powerOff(third)
      await cloud.pass(5000)
      const bystander = cloud.nodes().map(({ id }) => id).at(-1) as NodeId
      expect(await codeOf(cloud.syscalls(bystander).login({ name: 'alice', password: PASSWORD }))).to.equal('none')
      await cloud.syscalls(bystander).logout({})
      for (const name of holders) await cloud.start(name, [bystander])
      await knowsAll(cloud)
      await cloud.pass(1_300_000)
      const [alice] = (await cloud.syscalls(bystander).user.list({})).users
      expect(alice?.holders.toSorted()).to.deep.equal(holders.toSorted())
    })
  })

  it('change their password, and the old one opens nothing any more', async () => {
    await inCloud(GUARDED, async cloud => {
      const { holders } = await add(cloud, 'n1')
      const syscalls = cloud.syscalls('n2')
      expect(await codeOf(syscalls.passwd({ name: 'alice', old: 'guess', new: 'other' }))).to.equal('EACCES')
      const late = holders.find(name => name !== 'n1' && name !== 'n2') as NodeId
      cloud.powerOff(late)
      await cloud.pass(5000)
      await syscalls.passwd({ name: 'alice', old: PASSWORD, new: 'other' })
      await cloud.start(late, ['n1'])
      await knowsAll(cloud)
      await cloud.pass(30_000)
      expect(await codeOf(syscalls.login({ name: 'alice', password: PASSWORD }))).to.equal('EACCES')
      for (const holder of holders) if (holder !== late) cloud.powerOff(holder)
      await cloud.pass(5000)
      const witness = cloud.nodes().map(({ id }) => id)[0] as NodeId
      expect(await codeOf(cloud.syscalls(witness).login({ name: 'alice', password: PASSWORD }))).to.equal('EACCES')
      expect(await codeOf(cloud.syscalls(witness).login({ name: 'alice', password: 'other' }))).to.equal('none')
    })
  })

  it('are logged out when their time is over, or their grant', async () => {
    await inCloud(GUARDED, async cloud => {
      await add(cloud, 'n1', 'alice', 20 * MINUTE_MS)
      const syscalls = cloud.syscalls('n2')
      await syscalls.login({ name: 'alice', password: PASSWORD, forMs: 10 * MINUTE_MS })
      await cloud.pass(10 * MINUTE_MS + 1000)
      expect((await syscalls.whoami({})).user).to.equal(undefined)
      expect(cloud.node('n2')?.authentication?.factotum.session).to.equal(undefined)
      await syscalls.login({ name: 'alice', password: PASSWORD })
      await cloud.pass(10 * MINUTE_MS + 1000)
      expect((await syscalls.whoami({})).user).to.equal(undefined)
      expect(await codeOf(syscalls.login({ name: 'alice', password: PASSWORD }))).to.equal('EACCES')
    })
  })

  it('end everywhere when they are removed', async () => {
    await inCloud(GUARDED, async cloud => {
      await add(cloud, 'n1')
      const syscalls = cloud.syscalls('n2')
      await syscalls.login({ name: 'alice', password: PASSWORD })
      expect(await codeOf(cloud.syscalls('n3').user.remove({ name: 'bob' }))).to.equal('ENOENT')
      await cloud.syscalls('n1').user.remove({ name: 'alice' })
      await cloud.pass(5000)
      expect((await syscalls.whoami({})).user).to.equal(undefined)
      expect(await codeOf(syscalls.login({ name: 'alice', password: PASSWORD }))).to.equal('EACCES')
      expect((await cloud.syscalls('n4').user.list({})).users).to.deep.equal([])
      expect((await add(cloud, 'n3')).holders).to.have.length(3)
      expect(await codeOf(syscalls.login({ name: 'alice', password: PASSWORD }))).to.equal('none')
    })
  })

  it('are what members say they are only as far as it is signed', async () => {
    await inCloud(GUARDED, async cloud => {
      await add(cloud, 'n1')
      const { calls, record } = await asMember(cloud, 'n2')
      const { users } = await cloud.syscalls('n1').user.list({})
      const there = cloud.places.map(({ name }) => name).find(name => !users[0]?.holders.includes(name)) as NodeId
      const { secret } = calls.at(there)
      expect(await codeOf(secret.hold({ record, setup: 'of somebody else' }))).to.equal('EACCES')
      expect(await codeOf(secret.hold({ record: record.map((byte, at) => at === 99 ? byte ^ 1 : byte), setup: 'x' })))
        .to.equal('EPROTO')
      expect(await codeOf(secret.hold({ record }))).to.equal('EACCES')
      expect(await codeOf(secret.open({ login: '0'.repeat(32), message: 'x' }))).to.equal('EACCES')
    })
  })

  it('are removed by who has made them, and by who may revoke, and by nobody else', async () => {
    await inCloud(GUARDED, async cloud => {
      const [one, two] = [cloud.syscalls('n1'), cloud.syscalls('n2')]
      const grants = [{ can: ['access.users', 'access.self'] }]
      for (const name of ['maker', 'other']) await one.user.add({ name, password: PASSWORD, grants })
      await one.login({ name: 'maker', password: PASSWORD })
      await one.user.add({ name: 'alice', password: PASSWORD, grants: [{ can: ['access.self'] }] })
      await two.login({ name: 'other', password: PASSWORD })
      expect(await codeOf(two.user.remove({ name: 'alice' }))).to.equal('EACCES')
      await one.user.remove({ name: 'alice' })
      expect((await one.user.list({})).users.map(({ name }) => name)).to.deep.equal(['maker', 'other'])
      await one.logout({})
      await one.user.add({ name: 'alice', password: PASSWORD })
      await one.user.remove({ name: 'maker' })
      await cloud.pass(1000)
      expect((await cloud.syscalls('n3').user.list({})).users.map(({ name }) => name)).to.deep.equal(['alice', 'other'])
    })
  })

  it('are asked for their passwords by their own daemon alone', async () => {
    await inCloud(GUARDED, async cloud => {
      await add(cloud, 'n1')
      const { id } = await run(cloud.syscalls('n1'), ['sleep', '100'], { on: 'n1', can: ['*'] })
      const login = { name: 'alice', password: PASSWORD }
      expect(await codeOf(cloud.objectSyscalls('n1', id).login(login))).to.equal('EACCES')
      expect(await codeOf(cloud.syscalls('n1').login(login, { node: 'n2' }))).to.equal('EINVAL')
    })
  })
})

describe('secrets', () => {
  const bytes = new TextEncoder().encode('token')
  const name = 'github.token'

  it('are for their user alone, at whichever node', async () => {
    await inCloud({ ...GUARDED, nodes: 6 }, async cloud => {
      await add(cloud, 'n1')
      await add(cloud, 'n1', 'bob')
      const [one, two] = [cloud.syscalls('n1'), cloud.syscalls('n2')]
      expect(await codeOf(one.secret.keep({ name, bytes }))).to.equal('EACCES')
      await one.login({ name: 'alice', password: PASSWORD })
      const { holders } = await one.secret.keep({ name, bytes })
      expect(holders).to.have.length(3)
      await two.login({ name: 'bob', password: PASSWORD })
      expect(await codeOf(two.secret.fetch({ name }))).to.equal('ENOENT')
      await two.login({ name: 'alice', password: PASSWORD })
      expect((await two.secret.fetch({ name })).bytes).to.deep.equal(bytes)
      expect(await codeOf(two.secret.keep({ name, bytes: new Uint8Array(65_537) }))).to.equal('E2BIG')
      expect(await codeOf(two.secret.fetch({ name: 'other' }))).to.equal('ENOENT')
    })
  })

  it('are as they were set last, though a holder was away', async () => {
    await inCloud({ ...GUARDED, nodes: 6 }, async cloud => {
      await add(cloud, 'n1')
      const one = cloud.syscalls('n1')
      await one.login({ name: 'alice', password: PASSWORD })
      const { holders } = await one.secret.keep({ name, bytes })
      const away = holders.find(id => id !== 'n1') as NodeId
      cloud.powerOff(away)
      await cloud.pass(5000)
      await one.secret.keep({ name, bytes: bytes.slice(1) })
      await cloud.start(away, ['n1'])
      await knowsAll(cloud)
      expect((await one.secret.fetch({ name })).bytes).to.deep.equal(bytes.slice(1))
      for (const holder of holders) if (holder !== away && holder !== 'n1') cloud.powerOff(holder)
      await cloud.pass(5000)
      expect((await one.secret.fetch({ name })).bytes).to.deep.equal(bytes.slice(1))
      await one.secret.keep({ name })
      expect(await codeOf(one.secret.fetch({ name }))).to.equal('ENOENT')
    })
  })
})

describe('the root of a cloud', () => {
  it('is put under a password, forgotten by its node, and logs in anywhere', async () => {
    await inDarkCloud({ guarded: true, nodes: 3 }, async cloud => {
      await cloud.start('n1', [], { by: 'founding' })
      for (const name of ['n2', 'n3']) {
        const { ticket } = await cloud.syscalls('n1').invite({})
        await cloud.start(name, [], { by: 'ticket', ticket })
      }
      await knowsAll(cloud)
      expect(await codeOf(cloud.syscalls('n2').cloud.lock({ password: PASSWORD }))).to.equal('EACCES')
      const { key, holders } = await cloud.syscalls('n1').cloud.lock({ password: PASSWORD })
      expect(holders).to.have.length(3)
      const syscalls = cloud.syscalls('n2')
      expect((await cloud.syscalls('n1').keys({})).root).to.deep.equal({ key, here: false })
      expect(await codeOf(cloud.syscalls('n1').cloud.lock({ password: PASSWORD }))).to.equal('ENOENT')
      expect(await codeOf(add(cloud, 'n2'))).to.equal('EACCES')
      await syscalls.login({ name: 'root', password: PASSWORD })
      expect(await syscalls.whoami({})).to.deep.include({ user: 'root', key, grants: [{ can: ['*'] }] })
      const { id } = await run(syscalls, ['sleep', '100'], { on: 'n3' })
      expect((await cloud.syscalls('n2').stat({ id })).owner).to.equal(key)
      await add(cloud, 'n2')
      await syscalls.passwd({ name: 'root', old: PASSWORD, new: 'other' })
      expect(await codeOf(syscalls.user.remove({ name: 'root' }))).to.equal('EPERM')
      await syscalls.logout({})
      await cloud.syscalls('n3').login({ name: 'alice', password: PASSWORD })
      await cloud.syscalls('n3').login({ name: 'root', password: 'other' })
    })
  })
})

/** What a member can do on its own account, and a record that it could have. */
async function asMember (cloud: VirtualCloud, name: NodeId) {
  const calls = cloud.node(name)?.dispatcher as NonNullable<ReturnType<VirtualCloud['node']>>['dispatcher']
  const { users } = await cloud.syscalls('n1').user.list({})
  const at = cloud.syscalls(users[0]?.holders[0] as NodeId)
  const [kept] = (await at.user.list({ scope: 'node' })).users
  return { calls, record: kept?.record as Uint8Array }
}

async function add (
  cloud: VirtualCloud, at: NodeId, name = 'alice', ttlMs?: number
): Promise<{ key: string, holders: string[] }> {
  return await cloud.syscalls(at).user.add({ name, password: PASSWORD, ...ttlMs === undefined ? {} : { ttlMs } })
}
