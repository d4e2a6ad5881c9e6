import { expect } from 'chai'
import { codeOf, exitOf } from '../kernel/in-cloud.ts'
import { Daemons } from './daemons.ts'

const PASSWORD = 'correct horse battery staple'

describe('users of real daemons', () => {
  const daemons = new Daemons()
  afterEach(async () => { await daemons.end() })

  it('are made at one, log in at another and run there, also after their maker has gone', async () => {
    const first = await daemons.start()
    const join = first.info.addresses
    const second = await daemons.start({ name: 'n2', join })
    const third = await daemons.start({ name: 'n3', join })
    const [one, two, three] = await Promise.all([first, second, third].map(async daemon =>
      (await daemons.connect(daemon)).syscalls))
    if (one === undefined || two === undefined || three === undefined) throw new Error('Three daemons run.')
    await allKnow(third.node, 3)
    await allKnow(first.node, 3)
    const { key, holders } = await one.user.add({ name: 'alice', password: PASSWORD })
    expect(holders.toSorted()).to.deep.equal([first, second, third].map(({ info }) => info.id).toSorted())
    await one.cloud.lock({ password: 'of the root' })
    expect(await codeOf(two.login({ name: 'alice', password: 'guess' }))).to.equal('EACCES')
    await two.login({ name: 'alice', password: PASSWORD })
    expect(await two.whoami({})).to.include({ user: 'alice', key })
    const { objects: [object] } = await two.spawn({ program: { argv: ['true'] } })
    expect(await exitOf(two, object?.id as string)).to.deep.equal({ kind: 'exited', code: 0 })
    await daemons.stop(first)
    await two.passwd({ name: 'alice', old: PASSWORD, new: 'another' })
    await three.login({ name: 'alice', password: 'another' })
    await three.login({ name: 'root', password: 'of the root' })
    expect((await three.user.list({})).users.map(({ name }) => name)).to.deep.equal(['alice', 'root'])
    await three.user.remove({ name: 'alice' })
    expect(await codeOf(three.login({ name: 'alice', password: 'another' }))).to.equal('EACCES')
  })
})

async function allKnow ({ membership }: { membership: { nodes: () => readonly unknown[] } }, count: number) {
  while (membership.nodes().length < count) await new Promise(resolve => { setTimeout(resolve, 20) })
}
