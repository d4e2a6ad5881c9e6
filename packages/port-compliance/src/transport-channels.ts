import { expect } from 'chai'
import { CloudError, type Channel } from '@welkin/interface'
import { rejects } from './rejects.ts'
import type { TransportPorts } from './transport.ts'
import {
  aborted, bytesOf, conversing, echo, PROTOCOL, sendWithoutEnd, stuckHandler, textOf, textsOf
} from './transport-handlers.ts'
import type { Fact } from './world.ts'

export function channelFacts (fact: Fact<TransportPorts>): void {
  orderFacts(fact)
  pressureFacts(fact)
  endFacts(fact)
  failureFacts(fact)
}

function orderFacts (fact: Fact<TransportPorts>): void {
  fact('hands its first message to the handler, with who opened it', async ({ a, b }) => {
    b.serve(PROTOCOL, conversing(async (payload, channel, { peer }) => {
      await channel.send(bytesOf(`${peer} ${textOf(payload)}`))
    }))
    expect(await textsOf(a.link(b.self, PROTOCOL).open(bytesOf('opens')))).to.deep.equal([`${a.self} opens`])
  })

  fact('delivers every message once and in order, both ways at once', async ({ a, b }) => {
    for (const node of [a, b]) {
      node.serve(PROTOCOL, conversing(async (_payload, channel) => {
        for await (const message of channel) await channel.send(message)
      }))
      const channel = a.link(node.self, PROTOCOL).open(bytesOf(''))
      const texts = Array.from({ length: 2000 }, (_none, i) => `${i} ${'.'.repeat(i % 100)}`)
      const echoed = textsOf(channel)
      for (const text of texts) await channel.send(bytesOf(text))
      await channel.end()
      expect(await echoed).to.deep.equal(texts)
    }
  })

  fact('keeps the bounds of messages, large or empty', async ({ a, b }) => {
    b.serve(PROTOCOL, conversing(async (_payload, channel) => {
      for await (const message of channel) await channel.send(bytesOf(`${message.byteLength}`))
    }))
    const channel = a.link(b.self, PROTOCOL).open(bytesOf(''))
    const echoed = textsOf(channel)
    for (const size of [0, 1, 300_000, 0, 65_536]) await channel.send(new Uint8Array(size))
    await channel.end()
    expect(await echoed).to.deep.equal(['0', '1', '300000', '0', '65536'])
  })

  fact('keeps many channels apart', async ({ a, b }) => {
    b.serve(PROTOCOL, conversing(async (payload, channel) => {
      for await (const message of channel) await channel.send(bytesOf(`${textOf(payload)}${textOf(message)}`))
    }))
    await Promise.all(Array.from({ length: 50 }, async (_none, i) => {
      const channel = a.link(b.self, PROTOCOL).open(bytesOf(`${i}:`))
      for (const text of ['x', 'y']) await channel.send(bytesOf(text))
      await channel.end()
      expect(await textsOf(channel)).to.deep.equal([`${i}:x`, `${i}:y`])
    }))
  })
}

function pressureFacts (fact: Fact<TransportPorts>): void {
  fact('holds the sender back while nobody reads, and nobody else', async ({ a, b }) => {
    const messages = 1024
    const piece = new Uint8Array(65_536)
    let open = (): void => {}
    const gate = new Promise<void>(resolve => { open = resolve })
    let read = 0
    b.serve(PROTOCOL, conversing(async (_payload, channel) => {
      await gate
      for await (const message of channel) read += message.byteLength
    }))
    b.serve(`${PROTOCOL}/other`, echo)

    const channel = a.link(b.self, PROTOCOL).open(bytesOf(''))
    let sent = 0
    const sender = (async () => {
      for (; sent < messages; sent++) await channel.send(piece)
      await channel.end()
    })()
    // Were there no limit, 64 MiB would be on their way before these answers, which come behind them.
    for (let i = 0; i < 20; i++) await a.link(b.self, `${PROTOCOL}/other`).request(bytesOf(''))
    expect(sent).to.be.lessThan(messages)
    open()
    await sender
    expect(await textsOf(channel)).to.deep.equal([])
    expect(read).to.equal(messages * piece.byteLength)
  })
}

function endFacts (fact: Fact<TransportPorts>): void {
  fact('closes one direction and leaves the other open', async ({ a, b }) => {
    b.serve(PROTOCOL, conversing(async (_payload, channel) => {
      const texts = await textsOf(channel)
      for (const text of texts) await channel.send(bytesOf(`late ${text}`))
    }))
    const channel = a.link(b.self, PROTOCOL).open(bytesOf(''))
    await channel.send(bytesOf('one'))
    await channel.end()
    expect(await textsOf(channel)).to.deep.equal(['late one'])
  })

  fact('ends its reads when the handler returns, after what was sent before', async ({ a, b }) => {
    b.serve(PROTOCOL, conversing(async (_payload, channel) => {
      await channel.send(bytesOf('first'))
      await channel.send(bytesOf('last'))
    }))
    expect(await textsOf(a.link(b.self, PROTOCOL).open(bytesOf('')))).to.deep.equal(['first', 'last'])
  })

  fact('rejects EPIPE for what is sent after the handler has returned', async ({ a, b }) => {
    for (const node of [a, b]) {
      node.serve(PROTOCOL, conversing(async () => {}))
      const channel = a.link(node.self, PROTOCOL).open(bytesOf(''))
      expect(await textsOf(channel)).to.deep.equal([])
      await rejects(sendWithoutEnd(channel), 'EPIPE')
    }
  })
}

function failureFacts (fact: Fact<TransportPorts>): void {
  fact('rejects reads and sends with the CloudError that the handler threw', async ({ a, b }) => {
    b.serve(PROTOCOL, conversing(async () => {
      throw new CloudError('EBUSY', 'Not now; come again.', { fields: { retryMs: 5 } })
    }))
    const channel = a.link(b.self, PROTOCOL).open(bytesOf(''))
    const error = await rejects(textsOf(channel), 'EBUSY')
    expect(error.fields).to.deep.equal({ retryMs: 5 })
    await rejects(sendWithoutEnd(channel), 'EBUSY')
  })

  fact('shows EFAULT in place of a bug', async ({ a, b }) => {
    b.serve(PROTOCOL, conversing(async () => { throw new TypeError('a secret path') }))
    const error = await rejects(textsOf(a.link(b.self, PROTOCOL).open(bytesOf(''))), 'EFAULT')
    expect(error.message).to.not.contain('secret')
  })

  fact('fails at both ends with the error that one of them gives', async ({ a, b }) => {
    for (const node of [a, b]) {
      const theirs = new Promise<{ read: CloudError, sent: CloudError }>(resolve => {
        node.serve(PROTOCOL, conversing(async (_payload, channel, { signal }) => {
          const read = await rejects(textsOf(channel), 'ESTALE')
          const sent = await rejects(sendWithoutEnd(channel), 'ESTALE')
          await aborted(signal)
          resolve({ read, sent })
        }))
      })
      const channel = a.link(node.self, PROTOCOL).open(bytesOf(''))
      await channel.send(bytesOf('x'))
      channel.fail(new CloudError('ESTALE', 'It has moved.', { fields: { to: 'n2' } }))
      expect((await theirs).read.fields).to.deep.equal({ to: 'n2' })
      await rejects(textsOf(channel), 'ESTALE')
      await rejects(sendWithoutEnd(channel), 'ESTALE')
    }
  })

  fact('fails at both ends at its deadline and when it is taken back', async ({ a, b }) => {
    for (const code of ['ETIMEDOUT', 'ECANCELED'] as const) {
      const { handler, entered, left } = stuckHandler()
      const cancel = b.serve(PROTOCOL, handler)
      const stop = new AbortController()
      const patience = code === 'ETIMEDOUT' ? { timeoutMs: 500 } : { signal: stop.signal }
      const reads = rejects(textsOf(a.link(b.self, PROTOCOL).open(bytesOf(''), patience)), code)
      await entered
      if (code === 'ECANCELED') stop.abort()
      await reads
      await left
      cancel()
    }
  })

  fact('fails later, and by its reads, where nobody can answer', async ({ a, b, stranger }) => {
    const refused: Array<[Channel, 'ENOSYS' | 'EHOSTUNREACH']> = [
      [a.link(b.self, PROTOCOL).open(bytesOf('')), 'ENOSYS'],
      [a.link(a.self, PROTOCOL).open(bytesOf('')), 'ENOSYS'],
      [a.link(stranger, PROTOCOL).open(bytesOf('')), 'EHOSTUNREACH']
    ]
    for (const [channel, code] of refused) {
      await rejects(textsOf(channel), code)
      await rejects(sendWithoutEnd(channel), code)
    }
  })
}
