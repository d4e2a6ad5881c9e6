import { expect } from 'chai'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Syscalls } from '@welkin/abi'
import { all, codeOf, exitOf, textOf } from '../kernel/in-cloud.ts'
import { Daemons } from './daemons.ts'

const PROGRAMS = new URL('../../../packages/driver-wasm/test/programs/', import.meta.url)
const DIGITS = '10000'

describe('a WebAssembly object on real daemons', () => {
  const daemons = new Daemons()
  afterEach(async () => { await daemons.end() })

  async function files (syscalls: Syscalls, path = 'toolbox.wasm') {
    const input = (async function * () { yield await readFile(new URL(path, PROGRAMS)) })()
    const { blob } = await syscalls.blob.put({}, { input })
    return [{ path, blob, executable: false }]
  }

  const program = (...args: string[]) => ({ driver: 'wasm', argv: ['toolbox.wasm', ...args] })

  async function untilRunning (syscalls: Syscalls, id: string): Promise<void> {
    while ((await syscalls.stat({ id })).state !== 'running') await sleep(10)
  }

  it('moves while it computes, and has written what it would have', async () => {
    const one = await daemons.start()
    const two = await daemons.start({ name: 'n2', join: one.info.addresses })
    const { syscalls } = await daemons.connect(one)
    const given = { files: await files(syscalls), on: 'n1' }
    const { objects: [still] } = await syscalls.spawn({ ...given, program: program('pi', DIGITS) })
    await exitOf(syscalls, still?.id as string)
    const { objects: [moving] } = await syscalls.spawn({ ...given, program: program('pi', DIGITS) })
    const id = moving?.id as string
    await untilRunning(syscalls, id)
    const steps = await all(syscalls.migrate({ ids: [id], to: 'n2' }))
    expect(steps.at(-1)).to.have.property('kind', 'moved')
    expect((await syscalls.stat({ id })).node).to.equal(two.info.id)
    expect(await exitOf(syscalls, id)).to.deep.equal({ kind: 'exited', code: 0 })
    expect(await textOf(syscalls.logs({ id }))).to.equal(await textOf(syscalls.logs({ id: still?.id as string })))
  })

  it('is read on while it moves from node to node, by way of one where it never was', async () => {
    const one = await daemons.start()
    const two = await daemons.start({ name: 'n2', join: one.info.addresses })
    const three = await daemons.start({ name: 'n3', join: one.info.addresses })
    const { syscalls } = await daemons.connect(one)
    const { objects: [object] } = await syscalls.spawn({
      files: await files(syscalls), on: 'n2', program: program('count', '5')
    })
    const id = object?.id as string
    await untilRunning(syscalls, id)
    const written = { followed: '', attached: '' }
    const note = (into: keyof typeof written, bytes: Uint8Array): void => {
      written[into] += Buffer.from(bytes).toString()
    }
    const followed = (async () => {
      for await (const { bytes } of syscalls.logs({ id, follow: true })) note('followed', bytes)
    })()
    const attached = (async () => {
      for await (const item of syscalls.attach({ id, from: {} })) {
        if (item.kind === 'output') note('attached', item.bytes)
      }
    })()
    for (const { info } of [three, two, one, three]) {
      const before = Object.values(written).map(text => text.length)
      await all(syscalls.migrate({ ids: [id], to: info.id }))
      while (Object.values(written).some((text, nth) => text.length === before[nth])) await sleep(10)
    }
    await syscalls.kill({ id })
    await Promise.all([followed, attached])
    const whole = await textOf(syscalls.logs({ id }))
    expect(whole.trim().split('\n').map(Number)).to.deep.equal(whole.trim().split('\n').map((_line, nth) => nth + 1))
    expect(written).to.deep.equal({ followed: whole, attached: whole })
  })

  it('makes system calls in its own name, and may make no others', async () => {
    const { syscalls } = await daemons.connect(await daemons.start())
    const given = { files: await files(syscalls) }
    const { objects: [asks] } = await syscalls.spawn({ ...given, program: program('call', 'whoami', '{}') })
    await exitOf(syscalls, asks?.id as string)
    expect(await textOf(syscalls.logs({ id: asks?.id as string }))).to.contain(`"principal":"object:${asks?.id}"`)
    const { objects: [tries] } = await syscalls.spawn({ ...given, program: program('call', 'invite', '{}') })
    expect(await exitOf(syscalls, tries?.id as string)).to.deep.equal({ kind: 'exited', code: 1 })
    expect(await textOf(syscalls.logs({ id: tries?.id as string }))).to.contain('"code":"EACCES"')
  })

  it('sends letters and waits for its own, also while it moves there and back, with none lost or doubled', async () => {
    const one = await daemons.start()
    const two = await daemons.start({ name: 'n2', join: one.info.addresses })
    const { syscalls } = await daemons.connect(one)
    const given = { files: await files(syscalls, 'mail.wasm'), on: 'n1' }
    const { objects: [object] } = await syscalls.spawn({
      ...given, name: 'post', program: { driver: 'wasm', argv: ['mail.wasm', 'read', 'box'] }
    })
    const id = object?.id as string
    await untilRunning(syscalls, id)
    const to = { object: id }
    const send = async (letter: string, body = Buffer.from(letter)): Promise<void> => {
      const { delivered } = await syscalls.send({ to, mailbox: 'box', id: letter, body })
      expect(delivered).to.deep.equal([id])
    }
    const heard = async (letter: string): Promise<void> => {
      while (!(await textOf(syscalls.logs({ id }))).includes(`${letter} from`)) await sleep(10)
    }
    await send('first')
    await heard('first')
    for (const [nth, { info }] of [two, one, two].entries()) {
      await all(syscalls.migrate({ ids: [id], to: info.id }))
      await send(`letter-${nth}`)
      await heard(`letter-${nth}`)
    }
    const { objects: [sender] } = await syscalls.spawn({
      ...given, can: ['communication.dial'],
      program: { driver: 'wasm', argv: ['mail.wasm', 'send-bytes', JSON.stringify({ to, mailbox: 'box', id: 'all' })] }
    })
    expect(await exitOf(syscalls, sender?.id as string)).to.deep.equal({ kind: 'exited', code: 0 })
    await send('last', Buffer.from('end'))
    expect(await exitOf(syscalls, id)).to.deep.equal({ kind: 'exited', code: 0 })
    const lines = (await textOf(syscalls.logs({ id }))).trim().split('\n')
    expect(lines.map(line => line.split(' ')[0]))
      .to.deep.equal(['first', 'letter-0', 'letter-1', 'letter-2', 'all', 'last', 'none'])
    const everyByte = Buffer.from(Array.from({ length: 256 }, (_none, byte) => byte))
    expect(lines[4]?.split(': ')[1]).to.equal(everyByte.toString('hex'))
  })

  it('says where it cannot move, and why', async () => {
    const { syscalls } = await daemons.connect(await daemons.start())
    const { objects: [object] } = await syscalls.spawn({
      files: await files(syscalls), program: { ...program('sleep'), wasm: { snapshotPoints: 'none' } }
    })
    const id = object?.id as string
    await untilRunning(syscalls, id)
    expect(await syscalls.stat({ id })).to.have.property('immovable').that.contains('without points')
    expect(await codeOf(syscalls.checkpoint({ id }))).to.equal('ENOSYS')
  })

  it('is started anew elsewhere where it cannot move, if that is allowed', async () => {
    const one = await daemons.start()
    const two = await daemons.start({ name: 'n2', join: one.info.addresses })
    const { syscalls } = await daemons.connect(one)
    const { objects: [object] } = await syscalls.spawn({
      files: await files(syscalls), on: 'n1', program: { ...program('sleep'), wasm: { snapshotPoints: 'none' } }
    })
    const id = object?.id as string
    await untilRunning(syscalls, id)
    const steps = await all(syscalls.migrate({ ids: [id], to: 'n2', restart: true }))
    expect(steps.at(-1)).to.have.property('kind', 'moved')
    await untilRunning(syscalls, id)
    expect(await syscalls.stat({ id })).to.deep.include({ node: two.info.id, attempt: 1 })
  })

  it('is started again by the next life of its daemon, where its spec says so', async () => {
    const daemon = await daemons.start()
    const { syscalls } = await daemons.connect(daemon)
    const { objects: [object] } = await syscalls.spawn({
      files: await files(syscalls), program: program('sleep'), restart: { policy: 'on-failure', firstMs: 10 }
    })
    const id = object?.id as string
    await untilRunning(syscalls, id)
    await daemons.stop(daemon)
    const next = await daemons.connect(await daemons.start({ dataDir: daemon.dataDir }))
    await untilRunning(next.syscalls, id)
    expect(await next.syscalls.stat({ id })).to.have.property('attempt', 1)
  })
})
