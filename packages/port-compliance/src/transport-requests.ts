import { expect } from 'chai'
import { CloudError, type Incoming } from '@welkin/interface'
import { rejects } from './rejects.ts'
import type { TransportPorts } from './transport.ts'
import { answering, bytesOf, echo, PROTOCOL, stuckHandler, textOf } from './transport-handlers.ts'
import type { Fact } from './world.ts'

const HOUR_MS = 3_600_000

export function requestFacts (fact: Fact<TransportPorts>): void {
  answerFacts(fact)
  failureFacts(fact)
  patienceFacts(fact)
}

function answerFacts (fact: Fact<TransportPorts>): void {
  fact('brings one message there and one back', async ({ a, b }) => {
    b.serve(PROTOCOL, answering(async payload => bytesOf(`${textOf(payload)}, too`)))
    expect(textOf(await a.link(b.self, PROTOCOL).request(bytesOf('you')))).to.equal('you, too')
  })

  fact('carries every byte of empty and large messages', async ({ a, b }) => {
    b.serve(PROTOCOL, echo)
    for (const size of [0, 1, 65_536, 1_000_000]) {
      const payload = new Uint8Array(size).map((_byte, i) => i * 7 + (i >> 8))
      const answer = await a.link(b.self, PROTOCOL).request(payload)
      expect(Buffer.compare(answer, payload)).to.equal(0)
    }
  })

  fact('gives each of many requests at once its own answer', async ({ a, b, c }) => {
    for (const node of [b, c]) {
      node.serve(PROTOCOL, answering(async payload => bytesOf(`${node.self} ${textOf(payload)}`)))
    }
    await Promise.all(Array.from({ length: 200 }, async (_none, i) => {
      const { self } = i % 2 === 0 ? b : c
      expect(textOf(await a.link(self, PROTOCOL).request(bytesOf(`${i}`)))).to.equal(`${self} ${i}`)
    }))
  })

  fact('answers requests that came later while one is stuck', async ({ a, b }) => {
    const { handler, entered } = stuckHandler()
    b.serve(`${PROTOCOL}/stuck`, handler)
    b.serve(PROTOCOL, echo)
    const stop = new AbortController()
    const request = a.link(b.self, `${PROTOCOL}/stuck`).request(bytesOf(''), { signal: stop.signal })
    const stuck = rejects(request, 'ECANCELED')
    await entered
    expect(textOf(await a.link(b.self, PROTOCOL).request(bytesOf('past')))).to.equal('past')
    stop.abort()
    await stuck
  })

  fact('works both ways over whatever connection there is', async ({ a, b }) => {
    for (const node of [a, b]) node.serve(PROTOCOL, answering(async (_payload, { peer }) => bytesOf(peer)))
    expect(textOf(await a.link(b.self, PROTOCOL).request(bytesOf('')))).to.equal(a.self)
    expect(textOf(await b.link(a.self, PROTOCOL).request(bytesOf('')))).to.equal(b.self)
  })

  fact('lets a node ask itself', async ({ a }) => {
    a.serve(PROTOCOL, answering(async (payload, { peer }) => bytesOf(`${peer} ${textOf(payload)}`)))
    expect(textOf(await a.link(a.self, PROTOCOL).request(bytesOf('self')))).to.equal(`${a.self} self`)
  })
}

function failureFacts (fact: Fact<TransportPorts>): void {
  fact('rejects with the CloudError that the handler threw', async ({ a, b }) => {
    for (const node of [a, b]) {
      node.serve(PROTOCOL, answering(async () => {
        throw new CloudError('EBUSY', 'Not now; come again.', { fields: { retryMs: 5, why: 'because' } })
      }))
      const error = await rejects(a.link(node.self, PROTOCOL).request(bytesOf('')), 'EBUSY')
      expect(error.message).to.equal('Not now; come again.')
      expect(error.fields).to.deep.equal({ retryMs: 5, why: 'because' })
    }
  })

  fact('shows EFAULT in place of a bug, and nothing of it', async ({ a, b }) => {
    for (const node of [a, b]) {
      node.serve(PROTOCOL, answering(async () => { throw new TypeError('a secret path') }))
      const error = await rejects(a.link(node.self, PROTOCOL).request(bytesOf('')), 'EFAULT')
      expect(error.message).to.not.contain('secret')
    }
  })

  fact('rejects ENOSYS for a protocol that is not served, or no longer', async ({ a, b }) => {
    for (const node of [a, b]) {
      await rejects(a.link(node.self, PROTOCOL).request(bytesOf('')), 'ENOSYS')
      const cancel = node.serve(PROTOCOL, echo)
      expect(textOf(await a.link(node.self, PROTOCOL).request(bytesOf('x')))).to.equal('x')
      cancel()
      await rejects(a.link(node.self, PROTOCOL).request(bytesOf('')), 'ENOSYS')
    }
  })

  fact('rejects EHOSTUNREACH for a node that nobody told it of', async ({ a, stranger }) => {
    await rejects(a.link(stranger, PROTOCOL).request(bytesOf('')), 'EHOSTUNREACH')
  })
}

function patienceFacts (fact: Fact<TransportPorts>): void {
  fact('rejects ETIMEDOUT at the deadline and ends the work for it', async ({ a, b }) => {
    for (const node of [a, b]) {
      const { handler, entered, left } = stuckHandler()
      node.serve(PROTOCOL, handler)
      await rejects(a.link(node.self, PROTOCOL).request(bytesOf(''), { timeoutMs: 500 }), 'ETIMEDOUT')
      await left
      expect((await entered).timeoutMs).to.be.within(0, 500)
    }
  })

  fact('tells the handler who asks and how long the answer is of use', async ({ a, b }) => {
    const seen: Incoming[] = []
    b.serve(PROTOCOL, answering(async (payload, incoming) => {
      seen.push(incoming)
      return payload
    }))
    await a.link(b.self, PROTOCOL).request(bytesOf(''))
    await a.link(b.self, PROTOCOL).request(bytesOf(''), { timeoutMs: HOUR_MS })
    expect(seen.map(({ peer }) => peer)).to.deep.equal([a.self, a.self])
    expect(seen[0]?.timeoutMs).to.equal(undefined)
    expect(seen[1]?.timeoutMs).to.be.within(1, HOUR_MS)
  })

  fact('rejects ECANCELED when the caller takes it back, and ends the work for it', async ({ a, b }) => {
    for (const node of [a, b]) {
      const { handler, entered, left } = stuckHandler()
      node.serve(PROTOCOL, handler)
      const stop = new AbortController()
      const request = rejects(a.link(node.self, PROTOCOL).request(bytesOf(''), { signal: stop.signal }), 'ECANCELED')
      await entered
      stop.abort()
      await request
      await left
    }
  })

  fact('does not send what was taken back before', async ({ a, b }) => {
    let asked = false
    b.serve(PROTOCOL, answering(async payload => {
      asked ||= textOf(payload) === 'first'
      return payload
    }))
    const link = a.link(b.self, PROTOCOL)
    await rejects(link.request(bytesOf('first'), { signal: AbortSignal.abort() }), 'ECANCELED')
    await link.request(bytesOf('second'))
    expect(asked).to.equal(false)
  })
}
