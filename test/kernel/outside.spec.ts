import { expect } from 'chai'
import { toHex, type Link, type NodeId } from '@welkin/interface'
import { Outside } from '@welkin/daemon/kernel'
import type { VirtualMachine } from '@welkin/platform-virtual'
import type { VirtualCloud } from '@welkin/sim'
import { createSyscalls, type Syscalls } from '@welkin/syscalls'
import { pipePair, Wire } from '@welkin/wire'
import { codeOf, eventsOf, exitOf, inCloud, run } from './in-cloud.ts'
import { Outsider } from './outsider.ts'

const STORY = { guarded: true, nodes: 5, idle: [{ name: 'x1', zone: 'sim/s1/r9' }] }
const PASSWORD = 'correct horse battery staple'
const alice = { name: 'alice', password: PASSWORD }

describe('outside of the cloud', () => {
  it('a user logs in by name and password, and runs and sees what is the user\'s own, anywhere', async () => {
    await inCloud(STORY, async cloud => {
      const theirs = await run(cloud.syscalls('n1'), ['sleep', '100'], { on: 'n2' })
      const { key } = await cloud.syscalls('n1').user.add(alice)
      const { syscalls } = await outside(cloud, ['n3'])
      await syscalls.login(alice)
      expect(await syscalls.whoami({})).to.deep.include({ user: 'alice', key, node: 'n3' })
      const own = await run(syscalls, ['sleep', '100'], { on: 'n4' })
      expect((await syscalls.list({})).objects.map(({ id, owner }) => [id, owner])).to.deep.equal([[own.id, key]])
      expect(await codeOf(syscalls.kill({ id: theirs.id }))).to.equal('EACCES')
      await syscalls.kill({ id: own.id })
      expect(await exitOf(syscalls, own.id)).to.deep.equal({ kind: 'signaled', signal: 'SIGTERM' })
      expect(cloud.node('n3')?.membership.node('x1')).to.equal(undefined)
    })
  })

  it('programs act for themselves, as far as they may, when the session is long over', async () => {
    await inCloud(STORY, async cloud => {
      await cloud.syscalls('n1').user.add(alice)
      const { syscalls } = await outside(cloud, ['n3'])
      await syscalls.login(alice)
      const { id } = await run(syscalls, ['sleep', '100000'], { on: 'n4', can: ['resources.read'] })
      await syscalls.logout({})
      await cloud.pass(7_200_000)
      const link = cloud.node('n4')?.dispatcher.link({ kind: 'object', id }) as Link
      const program = createSyscalls(link, { drawRequestId: () => '0'.repeat(32) })
      expect((await program.stat({ id })).id).to.equal(id)
      expect((await program.nodes({})).nodes).to.have.length(5)
      expect(await codeOf(program.list({}))).to.equal('none')
      expect(await codeOf(program.spawn({ program: { argv: ['true'] } }))).to.equal('EACCES')
    })
  })

  it('bytes go up and down as they do at a node', async () => {
    await inCloud(STORY, async cloud => {
      await cloud.syscalls('n1').user.add(alice)
      const { syscalls } = await outside(cloud, ['n3'])
      await syscalls.login(alice)
      const bytes = new Uint8Array(300_000).fill(7)
      async function * input (): AsyncGenerator<Uint8Array> {
        for (let at = 0; at < bytes.length; at += 50_000) yield bytes.subarray(at, at + 50_000)
      }
      const { blob } = await syscalls.blob.put({}, { input: input() })
      let sizeBytes = 0
      for await (const part of syscalls.blob.get({ blob })) sizeBytes += part.byteLength
      expect(sizeBytes).to.equal(bytes.length)
    })
  })

  it('a wrong password opens nothing, and what is told to the asked node alone is not passed on', async () => {
    await inCloud(STORY, async cloud => {
      await cloud.syscalls('n1').user.add(alice)
      const { syscalls } = await outside(cloud, ['n3'])
      expect(await codeOf(syscalls.list({}))).to.equal('EACCES')
      expect(await codeOf(syscalls.login({ ...alice, password: 'guess' }))).to.equal('EACCES')
      expect(await codeOf(syscalls.login({ ...alice, name: 'nobody' }))).to.equal('EACCES')
      expect(await codeOf(syscalls.list({}))).to.equal('EACCES')
      await syscalls.login(alice)
      expect(await codeOf(syscalls.passwd({ name: 'alice', old: PASSWORD, new: 'another' }))).to.equal('EINVAL')
      expect(await codeOf(syscalls.login(alice, { node: 'n3' }))).to.equal('EINVAL')
      expect(eventsOf(cloud, 'callAudited')).to.have.length(1)
    })
  })

  it('who guesses keeps users from logging in outside, and not at nodes', async () => {
    await inCloud(STORY, async cloud => {
      await cloud.syscalls('n1').user.add(alice)
      const { syscalls } = await outside(cloud, ['n3'])
      const codes: string[] = []
      for (let tries = 0; tries < 6; tries++) {
        codes.push(await codeOf(syscalls.login({ ...alice, password: `guess ${tries}` })))
      }
      expect(codes.at(-1)).to.equal('EAGAIN')
      expect(await codeOf(syscalls.login(alice))).to.equal('EAGAIN')
      expect(await codeOf(cloud.syscalls('n3').login(alice))).to.equal('none')
      expect(await codeOf(cloud.syscalls('n1').login(alice))).to.equal('none')
    })
  })

  it('ends when the user logs out, when the time is over, and where nobody logs in', async () => {
    await inCloud(STORY, async cloud => {
      await cloud.syscalls('n1').user.add(alice)
      const { syscalls, ended } = await outside(cloud, ['n3'])
      await syscalls.login({ ...alice, forMs: 100_000 })
      await cloud.pass(90_000)
      expect(ended()).to.equal(false)
      await cloud.pass(20_000)
      expect(ended()).to.equal(true)
      expect(await codeOf(syscalls.list({}))).to.equal('EACCES')
      await syscalls.login(alice)
      expect(await syscalls.logout({})).to.deep.equal({ name: 'alice' })
      expect(await codeOf(syscalls.list({}))).to.equal('EACCES')
    })
  })

  it('another member is asked where the first falls silent; where none answers, it says what to do', async () => {
    await inCloud(STORY, async cloud => {
      await cloud.syscalls('n1').user.add(alice)
      const { syscalls } = await outside(cloud, ['n3', 'n4'])
      await syscalls.login(alice)
      cloud.powerOff('n3')
      await cloud.pass(30_000)
      expect((await syscalls.whoami({})).node).to.equal('n4')
      cloud.powerOff('n4')
      await cloud.pass(30_000)
      expect(await codeOf(syscalls.whoami({}))).to.equal('EHOSTUNREACH')
    })
  })

  it('a user who was removed is refused', async () => {
    await inCloud(STORY, async cloud => {
      await cloud.syscalls('n1').user.add(alice)
      const { syscalls } = await outside(cloud, ['n3'])
      await syscalls.login(alice)
      await cloud.syscalls('n1').user.remove({ name: 'alice' })
      await cloud.pass(5000)
      expect(await codeOf(syscalls.list({}))).to.equal('EACCES')
      expect(await codeOf(syscalls.login(alice))).to.equal('EACCES')
    })
  })

  it('strangers are answered nothing but a login\'s steps, and not without end', async () => {
    await inCloud({ ...STORY, hostile: true }, async cloud => {
      const stranger = new Outsider(cloud, 'x1', [])
      for (const name of ['whoami', 'nodes', 'login', 'secret.prepare', 'secret.offer', 'user.list']) {
        expect(await codeOf(stranger.ask('n1', name, {})), name).to.equal('EACCES')
      }
      const codes = new Set<string>()
      for (let tries = 0; tries < 200; tries++) {
        codes.add(await codeOf(stranger.ask('n1', 'secret.holders', { user: 'alice' })))
      }
      expect([...codes]).to.deep.equal(['none', 'EAGAIN'])
      await cloud.pass(10_000)
      expect(await codeOf(stranger.ask('n1', 'secret.holders', { user: 'alice' }))).to.equal('none')
    })
  })
})

/** A daemon outside on x1, and a program that uses it. */
async function outside (
  cloud: VirtualCloud, members: readonly NodeId[]
): Promise<{ syscalls: Syscalls, ended: () => boolean }> {
  const { life, ...ports } = (cloud.machines.get('x1') as VirtualMachine).powerOn()
  const { clock, log, random } = ports
  const { transport } = cloud.network.join('x1', { life, clock, log })
  const handler = new Outside({ ...ports, transport }, members.map(name => `virtual:${name}`))
  await handler.start()
  let hasEnded = false
  void handler.ended.then(() => { hasEnded = true; handler.stop() })
  const defer = (go: () => void): void => { clock.after(0, go) }
  const [near, far] = pipePair(defer)
  void new Wire({ pipe: far, clock, log, defer, handler })
  const link = new Wire({ pipe: near, clock, log, defer })
  const drawRequestId = (): string => toHex(random.bytes(16))
  return { syscalls: createSyscalls(link, { drawRequestId }), ended: () => hasEnded }
}
