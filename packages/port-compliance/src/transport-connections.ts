import { expect } from 'chai'
import type { NodeId } from '@welkin/interface'
import { rejects } from './rejects.ts'
import type { TransportPorts } from './transport.ts'
import { bytesOf, echo, PROTOCOL, sendWithoutEnd, stuckHandler, textOf, textsOf } from './transport-handlers.ts'
import type { Fact } from './world.ts'

export function connectionFacts (fact: Fact<TransportPorts>): void {
  fact('dials an address and says who listens there', async ({ a, b, c }) => {
    for (const { self, addresses } of [b, c].map(node => ({ self: node.self, addresses: node.addresses() }))) {
      expect(addresses).to.not.deep.equal([])
      for (const address of addresses) expect(await a.dial(address)).to.equal(self)
    }
  })

  fact('rejects EINVAL or EHOSTUNREACH for an address that is none', async ({ a }) => {
    await rejects(a.dial('no address'), 'EINVAL', 'EHOSTUNREACH')
  })

  fact('tells watchers of connections opened and lost', async ({ a, b, disconnect }) => {
    b.serve(PROTOCOL, echo)
    await a.link(b.self, PROTOCOL).request(bytesOf(''))
    const changes: Array<[NodeId, string]> = []
    const lost = new Promise<void>(resolve => {
      a.watch((peer, state) => {
        changes.push([peer, state])
        if (state === 'disconnected') resolve()
      })
    })
    await disconnect()
    await lost
    await a.link(b.self, PROTOCOL).request(bytesOf(''))
    expect(changes.filter(([peer]) => peer === b.self)).to.deep.equal([[b.self, 'disconnected'], [b.self, 'connected']])
  })

  fact('does not tell a watcher that was cancelled', async ({ a, b, disconnect }) => {
    b.serve(PROTOCOL, echo)
    let told = false
    a.watch(() => { told = true })()
    await a.link(b.self, PROTOCOL).request(bytesOf(''))
    await disconnect()
    await a.link(b.self, PROTOCOL).request(bytesOf(''))
    expect(told).to.equal(false)
  })

  fact('rejects ECONNRESET when the connection ends before the answer', async ({ a, b, disconnect }) => {
    const { handler, entered, left } = stuckHandler()
    b.serve(PROTOCOL, handler)
    const request = rejects(a.link(b.self, PROTOCOL).request(bytesOf('')), 'ECONNRESET')
    await entered
    await disconnect()
    await request
    await left
  })

  fact('fails a channel with ECONNRESET at both ends when the connection ends', async ({ a, b, disconnect }) => {
    const { handler, entered, left } = stuckHandler()
    b.serve(PROTOCOL, handler)
    const channel = a.link(b.self, PROTOCOL).open(bytesOf(''))
    const reads = rejects(textsOf(channel), 'ECONNRESET')
    await entered
    await disconnect()
    await reads
    await rejects(sendWithoutEnd(channel), 'ECONNRESET')
    await left
  })

  fact('mends a link after a break', async ({ a, b, disconnect }) => {
    b.serve(PROTOCOL, echo)
    const link = a.link(b.self, PROTOCOL)
    for (const text of ['one', 'two', 'three']) {
      expect(textOf(await link.request(bytesOf(text)))).to.equal(text)
      await disconnect()
    }
  })
}
