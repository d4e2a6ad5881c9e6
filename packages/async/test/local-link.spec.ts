import { expect } from 'chai'
import { CloudError, type Channel, type Handler } from '@welkin/interface'
import { LocalLink, type LocalArrival } from '../src/index.ts'
import { FakeClock } from './fake-clock.ts'

const echo: Handler<LocalArrival> = {
  request: async payload => payload,
  channel: async (payload, channel) => {
    await channel.send(payload)
    for await (const message of channel) await channel.send(message)
  }
}

async function codeOf (promise: Promise<unknown>): Promise<string> {
  return await promise.then(() => 'none', error => (error as CloudError).code)
}

async function readAll (channel: Channel): Promise<number[]> {
  const read: number[] = []
  for await (const message of channel) read.push(...message)
  return read
}

describe('a link within the process', () => {
  it('carries requests and channels', async () => {
    const link = new LocalLink(echo, new FakeClock())
    expect(await link.request(Uint8Array.of(1))).to.deep.equal(Uint8Array.of(1))
    const channel = link.open(Uint8Array.of(1))
    await channel.send(Uint8Array.of(2))
    await channel.end()
    expect(await readAll(channel)).to.deep.equal([1, 2])
  })

  it('tells faults of the world as they are, and bugs as EFAULT', async () => {
    const failing = (error: Error): LocalLink => new LocalLink({ request: async () => { throw error }, channel: async () => { throw error } }, new FakeClock())
    const world = failing(new CloudError('ENOSPC', 'Full.'))
    const bug = failing(new TypeError('oops'))
    expect(await codeOf(world.request(new Uint8Array()))).to.equal('ENOSPC')
    expect(await codeOf(bug.request(new Uint8Array()))).to.equal('EFAULT')
    expect(await codeOf(readAll(world.open(new Uint8Array())))).to.equal('ENOSPC')
    expect(await codeOf(readAll(bug.open(new Uint8Array())))).to.equal('EFAULT')
  })

  it('holds a sender up until the reader has read', async () => {
    let sent = 0
    const flood: Handler<LocalArrival> = {
      ...echo,
      channel: async (_payload, channel) => {
        for (; sent < 1000; sent++) await channel.send(Uint8Array.of(sent % 256))
      }
    }
    const channel = new LocalLink(flood, new FakeClock()).open(new Uint8Array())
    await new Promise<void>(resolve => { setImmediate(resolve) })
    expect(sent).to.be.below(100)
    expect(await readAll(channel)).to.have.lengthOf(1000)
  })

  it('tells the writer EPIPE when the reader leaves', async () => {
    let told = ''
    const channel = new LocalLink({
      ...echo,
      channel: async (_payload, far) => {
        try {
          for (;;) await far.send(Uint8Array.of(1))
        } catch (error) {
          told = (error as CloudError).code
        }
      }
    }, new FakeClock()).open(new Uint8Array())
    for await (const _message of channel) break
    await new Promise<void>(resolve => { setImmediate(resolve) })
    expect(told).to.equal('EPIPE')
  })

  it('ends both sides at the deadline', async () => {
    const clock = new FakeClock()
    const silent = new LocalLink({ request: async () => await new Promise<never>(() => {}), channel: async () => { await new Promise<never>(() => {}) } }, clock)
    const request = codeOf(silent.request(new Uint8Array(), { timeoutMs: 5 }))
    const channel = codeOf(readAll(silent.open(new Uint8Array(), { timeoutMs: 5 })))
    await clock.pass(5)
    expect(await request).to.equal('ETIMEDOUT')
    expect(await channel).to.equal('ETIMEDOUT')
  })
})
