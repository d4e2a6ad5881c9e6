import { expect } from 'chai'
import type { NodeId, Transport } from '@welkin/interface'
import { rejects } from './rejects.ts'
import { answering, bytesOf, conversing, echo, PROTOCOL, stuckHandler, textOf } from './transport-handlers.ts'
import { factsIn, type Fact, type Setup } from './world.ts'

export interface RelayPorts {
  /** Four nodes that have learnt one another's addresses; nothing passes between `a` and `c`. */
  a: Transport
  b: Transport
  c: Transport
  d: Transport
  /** From now on it does. */
  mend: () => void
  /** Nothing does any more; what is connected stays so. */
  cut: () => void
  /** Resolves when `a` and `c` are connected directly, and no other way. */
  straight: () => Promise<void>
  /** Ends `b`. */
  stopB: () => Promise<void>
}

export function relayCompliance (setup: Setup<RelayPorts>): void {
  describe('as a Transport where two nodes see each other only through others', () => {
    const fact = factsIn(setup)
    describe('for calls', () => callFacts(fact))
    describe('for relays', () => relayFacts(fact))
    describe('for direct ways', () => mendingFacts(fact))
  })
}

/** All take part, and ask these relays, in this order. */
function relayThrough ({ a, b, c, d }: RelayPorts, relays: readonly NodeId[]): void {
  for (const node of [a, b, c, d]) node.relay({ through: () => relays, admits: () => true })
}

const whoAsks = answering(async (_payload, { peer }) => bytesOf(peer))

function callFacts (fact: Fact<RelayPorts>): void {
  fact('brings requests both ways, with who asks', async ports => {
    const { a, b, c } = ports
    relayThrough(ports, [b.self])
    for (const node of [a, c]) node.serve(PROTOCOL, whoAsks)
    expect(textOf(await a.link(c.self, PROTOCOL).request(bytesOf('')))).to.equal(a.self)
    expect(textOf(await c.link(a.self, PROTOCOL).request(bytesOf('')))).to.equal(c.self)
  })

  fact('carries large messages and channels whole', async ports => {
    const { a, b, c } = ports
    relayThrough(ports, [b.self])
    c.serve(PROTOCOL, echo)
    c.serve(`${PROTOCOL}/channel`, conversing(async (_payload, channel) => {
      for await (const message of channel) await channel.send(message)
    }))
    const payload = new Uint8Array(1_000_000).map((_byte, i) => i * 7 + (i >> 8))
    expect(Buffer.compare(await a.link(c.self, PROTOCOL).request(payload), payload)).to.equal(0)
    const channel = a.link(c.self, `${PROTOCOL}/channel`).open(bytesOf(''))
    const sent = (async () => {
      for (let i = 0; i < 8; i++) await channel.send(payload)
      await channel.end()
    })()
    let count = 0
    for await (const message of channel) count += Number(Buffer.compare(message, payload) === 0)
    await sent
    expect(count).to.equal(8)
  })

  fact('keeps to deadlines, and ends the work at the other end', async ports => {
    const { a, b, c } = ports
    relayThrough(ports, [b.self])
    c.serve(`${PROTOCOL}/first`, echo)
    await a.link(c.self, `${PROTOCOL}/first`).request(bytesOf(''))
    const { handler, entered, left } = stuckHandler()
    c.serve(PROTOCOL, handler)
    const request = rejects(a.link(c.self, PROTOCOL).request(bytesOf(''), { timeoutMs: 1000 }), 'ETIMEDOUT')
    await entered
    await request
    await left
  })

  fact('tells watchers at both ends of a connection', async ports => {
    const { a, b, c } = ports
    relayThrough(ports, [b.self])
    c.serve(PROTOCOL, echo)
    const told: Array<[NodeId, string]> = []
    for (const node of [a, c]) node.watch((peer, state) => told.push([peer, state]))
    await a.link(c.self, PROTOCOL).request(bytesOf(''))
    expect(told).to.deep.include([a.self, 'connected'])
    expect(told).to.deep.include([c.self, 'connected'])
  })
}

function relayFacts (fact: Fact<RelayPorts>): void {
  fact('goes through nobody where nobody was named', async ports => {
    ports.c.serve(PROTOCOL, echo)
    await rejects(ports.a.link(ports.c.self, PROTOCOL).request(bytesOf('')), 'EHOSTDOWN')
  })

  fact('takes the next relay where the first passes nothing on', async ports => {
    const { a, b, c, d } = ports
    relayThrough(ports, [d.self, b.self])
    d.relay({ through: () => [], admits: () => false })
    c.serve(PROTOCOL, whoAsks)
    expect(textOf(await a.link(c.self, PROTOCOL).request(bytesOf('')))).to.equal(a.self)
  })

  for (const [what, isRefused] of [
    ['who asks', 'a'], ['who is asked for', 'c']
  ] as const) {
    fact(`passes nothing on where ${what} is not admitted`, async ports => {
      const { a, b, c } = ports
      relayThrough(ports, [b.self])
      b.relay({ through: () => [], admits: peer => peer !== ports[isRefused].self })
      c.serve(PROTOCOL, echo)
      await rejects(a.link(c.self, PROTOCOL).request(bytesOf('')), 'EHOSTDOWN')
    })
  }

  fact('takes nothing from a relay that is not admitted', async ports => {
    const { a, b, c } = ports
    relayThrough(ports, [b.self])
    c.relay({ through: () => [], admits: peer => peer !== b.self })
    c.serve(PROTOCOL, echo)
    await rejects(a.link(c.self, PROTOCOL).request(bytesOf('')), 'EHOSTDOWN')
  })

  fact('goes through another when a relay is gone', async ports => {
    const { a, b, c, d, stopB } = ports
    relayThrough(ports, [b.self, d.self])
    c.serve(PROTOCOL, echo)
    const link = a.link(c.self, PROTOCOL)
    expect(textOf(await link.request(bytesOf('one')))).to.equal('one')
    await stopB()
    const deadline = { timeoutMs: 20_000 }
    const again = link.request(bytesOf('two'), deadline).catch(async () => await link.request(bytesOf('two'), deadline))
    expect(textOf(await again)).to.equal('two')
  })
}

function mendingFacts (fact: Fact<RelayPorts>): void {
  fact('goes directly again when that is possible, and what was under way is finished', async ports => {
    const { a, b, c, mend, stopB, straight } = ports
    relayThrough(ports, [b.self])
    let answer = (): void => {}
    const awaited = new Promise<void>(resolve => { answer = resolve })
    c.serve(`${PROTOCOL}/slow`, answering(async payload => {
      await awaited
      return payload
    }))
    c.serve(PROTOCOL, echo)
    const slow = a.link(c.self, `${PROTOCOL}/slow`).request(bytesOf('slow'))
    expect(textOf(await a.link(c.self, PROTOCOL).request(bytesOf('one')))).to.equal('one')
    mend()
    const isStraight = straight()
    for (let i = 0; i < 3; i++) await a.link(c.self, PROTOCOL).request(bytesOf('meanwhile'))
    answer()
    expect(textOf(await slow)).to.equal('slow')
    await isStraight
    await stopB()
    expect(textOf(await a.link(c.self, PROTOCOL).request(bytesOf('two')))).to.equal('two')
  })

  fact('leaves a direct way that is cut while something waits on it, and goes back to it', async ports => {
    const { a, b, c, cut, mend, straight } = ports
    relayThrough(ports, [b.self])
    c.serve(PROTOCOL, whoAsks)
    mend()
    const link = a.link(c.self, PROTOCOL)
    await link.request(bytesOf('one'))
    await straight()
    cut()
    // Sooner than the connection is given up for its own sake.
    await rejects(link.request(bytesOf('lost'), { timeoutMs: 8000 }), 'ECONNRESET')
    expect(textOf(await link.request(bytesOf('two'), { timeoutMs: 1000 }))).to.equal(a.self)
    mend()
    await straight()
  })

  fact('needs nobody where there is a direct way', async ports => {
    const { a, b, d, stopB } = ports
    relayThrough(ports, [b.self])
    for (const node of [a, d]) node.serve(PROTOCOL, whoAsks)
    await stopB()
    expect(textOf(await a.link(d.self, PROTOCOL).request(bytesOf('')))).to.equal(a.self)
    expect(textOf(await d.link(a.self, PROTOCOL).request(bytesOf('')))).to.equal(d.self)
  })
}
