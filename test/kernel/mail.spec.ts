import { expect } from 'chai'
import type { VirtualCloud } from '@welkin/sim'
import type { ReplyOf, Syscalls } from '@welkin/syscalls'
import { codeOf, inCloud, knowsAll, run } from './in-cloud.ts'
import { bytesOf } from './talk.ts'

async function spawn (cloud: VirtualCloud, name: string, on: string): Promise<string> {
  const { id } = await run(cloud.syscalls('n1'), ['sleep', '100000'], { name, on })
  await cloud.pass(200)
  return id
}

/** Reads so many letters, and acknowledges those that `isDone` says; what says so is given a moment to arrive. */
async function read (
  cloud: VirtualCloud, syscalls: Syscalls, count: number, isDone: (text: string) => boolean = () => true
): Promise<string[]> {
  const acks: string[] = []
  let wake = (): void => {}
  let over = false
  async function * input (): AsyncGenerator<{ ack: string }> {
    for (;;) {
      for (const ack of acks.splice(0)) yield { ack }
      if (over) return
      if (acks.length === 0) await new Promise<void>(resolve => { wake = resolve })
    }
  }
  const texts: string[] = []
  for await (const { id, body } of syscalls.receive({}, { input: input() }) as AsyncIterable<ReplyOf<'receive'>>) {
    const text = new TextDecoder().decode(body)
    texts.push(text)
    if (isDone(text)) acks.push(id)
    wake()
    if (texts.length < count) continue
    await cloud.pass(500)
    break
  }
  over = true
  wake()
  return texts
}

describe('mail', () => {
  it('is kept until it is acknowledged, also while the daemon of the object is down', async () => {
    await inCloud({}, async cloud => {
      const id = await spawn(cloud, 'post', 'n2')
      for (const text of ['one', 'two', 'three']) {
        const sent = await cloud.syscalls('n1').send({ to: { object: 'post' }, body: bytesOf(text) })
        expect(sent.delivered).to.deep.equal([id])
      }
      const first = await read(cloud, cloud.objectSyscalls('n2', id), 3, text => text === 'two')
      expect(first).to.deep.equal(['one', 'two', 'three'])
      await cloud.pass(1000)
      cloud.crash('n2')
      await cloud.start('n2', ['n1'])
      await knowsAll(cloud)
      expect(await read(cloud, cloud.objectSyscalls('n2', id), 2)).to.deep.equal(['one', 'three'])
    })
  })

  it('of one id is taken once, and a full mailbox tells its senders to wait', async () => {
    await inCloud({ nodes: 2, nodeOptions: { communication: { lettersMax: 2 } } as object }, async cloud => {
      const id = await spawn(cloud, 'post', 'n2')
      const send = async (letter: string): Promise<unknown> =>
        await cloud.syscalls('n1').send({ to: { object: id }, id: letter, body: bytesOf(letter) })
      for (const letter of ['a', 'a', 'b', 'a']) await send(letter)
      expect(await codeOf(send('c'))).to.equal('EAGAIN')
      expect(await read(cloud, cloud.objectSyscalls('n2', id), 2)).to.deep.equal(['a', 'b'])
      await cloud.pass(1000)
      for (const letter of ['a', 'b', 'c']) await send(letter)
      expect(await read(cloud, cloud.objectSyscalls('n2', id), 1)).to.deep.equal(['c'])
    })
  })

  it('is read letter by letter, of which the first comes again until it is acknowledged', async () => {
    await inCloud({}, async cloud => {
      const id = await spawn(cloud, 'post', 'n2')
      const send = async (text: string): Promise<unknown> =>
        await cloud.syscalls('n1').send({ to: { object: id }, id: text, body: bytesOf(text) })
      const next = async (ack?: string, patienceMs = 0): Promise<string | undefined> =>
        (await cloud.objectSyscalls('n2', id).mail.next({ ack, patienceMs })).letter?.id
      expect(await next()).to.equal(undefined)
      const waiting = next(undefined, 60_000)
      await cloud.pass(1000)
      for (const text of ['a', 'b']) await send(text)
      expect(await waiting).to.equal('a')
      expect(await next()).to.equal('a')
      expect(await next('a')).to.equal('b')
      expect(await next('a')).to.equal('b')
      expect(await next('b', 1000)).to.equal(undefined)
      expect(await codeOf(cloud.syscalls('n2').mail.next({}))).to.equal('EPERM')
      const later = cloud.objectSyscalls('n2', id).mail.next({})
      await cloud.pass(1000)
      await cloud.syscalls('n1').kill({ id })
      await cloud.syscalls('n1').remove({ id })
      expect(await codeOf(later)).to.equal('ESTALE')
    })
  })

  it('has the id of the request that sends it where none is given, and so is sent once', async () => {
    await inCloud({}, async cloud => {
      const id = await spawn(cloud, 'post', 'n2')
      const requestId = '0123456789abcdef'.repeat(2)
      for (const node of ['n1', 'n3']) {
        const letter = { to: { object: id }, body: bytesOf('x') }
        expect((await cloud.syscalls(node).send(letter, { requestId })).id).to.equal(requestId)
      }
      const { mail } = cloud.objectSyscalls('n2', id)
      expect((await mail.next({})).letter?.id).to.equal(requestId)
      expect(await mail.next({ ack: requestId, patienceMs: 0 })).to.deep.equal({})
    })
  })

  it('goes to all of a cloud process, and says who did not get it', async () => {
    await inCloud({}, async cloud => {
      const { cp, objects } = await cloud.syscalls('n1').spawn({
        program: { driver: 'modelled', argv: ['sleep', '100000'] }, name: 'work', count: 3, ports: { work: 1 }
      })
      await cloud.pass(2000)
      const gone = objects[1]?.id as string
      expect((await cloud.syscalls('n1').send({ to: { cp }, mode: 'all', body: bytesOf('x') })).delivered)
        .to.have.members(objects.map(({ id }) => id))
      const one = async (): Promise<string[]> =>
        (await cloud.syscalls('n2').send({ to: { cp }, body: bytesOf('y') })).delivered
      expect(await one()).to.deep.equal(await one())
      cloud.powerOff(objects.find(({ id }) => id === gone)?.node as string)
      const asked = cloud.running()[0] as string
      const sent = await cloud.syscalls(asked).send({ to: { name: 'work' }, mode: 'any', body: bytesOf('z') })
      expect(sent.delivered).to.have.length(1)
      expect(sent.delivered).not.to.include(gone)
    })
  })

  it('is read by the object alone, and refused for one that has ended', async () => {
    await inCloud({}, async cloud => {
      const id = await spawn(cloud, 'post', 'n2')
      expect(await codeOf(read(cloud, cloud.syscalls('n2'), 1))).to.equal('EPERM')
      await cloud.syscalls('n1').kill({ id })
      expect(await codeOf(cloud.syscalls('n1').send({ to: { object: id }, body: bytesOf('x') }))).to.equal('ESRCH')
      const large = cloud.syscalls('n1').send({ to: { object: id }, body: new Uint8Array((1 << 20) + 1) })
      expect(await codeOf(large)).to.equal('E2BIG')
    })
  })
})
