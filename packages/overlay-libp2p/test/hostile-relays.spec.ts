import type { Connection, Stream } from '@libp2p/interface'
import type { NodeId } from '@welkin/interface'
import { expect } from 'chai'
import { Preamble, RELAY_PROTOCOL, RELAYED_PROTOCOL } from '../src/relaying/preamble.ts'
import { ECHO, PROTOCOL, read, rejects, startNode, stopAll, text, type TestNode } from './kit.ts'

type Bytes = Parameters<Stream['send']>[0]

/** Makes of each piece that goes from who asks to who is asked for what is passed on. */
type Twist = (piece: Uint8Array, at: number) => Bytes[]

/** Whether libp2p remembers an address of its own of a peer is a matter of chance. */
const UNREACHED = ['EHOSTDOWN', 'EHOSTUNREACH'] as const

const signal = (): AbortSignal => AbortSignal.timeout(5000)

/** `b` relays as it likes; `a` and `c` know only of it, and of `d`. */
describe('a hostile relay', () => {
  let nodes: TestNode[]
  let a: TestNode
  let b: TestNode
  let c: TestNode
  let d: TestNode
  let heard: string[]

  beforeEach(async () => {
    nodes = await Promise.all(Array.from({ length: 4 }, () => startNode({ relaying: { connectionsPerPeerMax: 2 } })))
    ;[a, b, c, d] = nodes as [TestNode, TestNode, TestNode, TestNode]
    for (const node of [a, c]) {
      for (const relay of [b, d]) {
        node.transport.learn(relay.transport.self, relay.transport.addresses())
        await node.transport.dial(relay.transport.addresses()[0] as string)
      }
    }
    heard = []
    c.transport.serve(PROTOCOL, {
      ...ECHO,
      request: async (payload, { peer }) => {
        heard.push(`${read(payload)} from ${peer}`)
        return payload
      }
    })
    b.transport.serve(PROTOCOL, ECHO)
    c.transport.relay({ through: () => [], admits: () => true })
  })

  afterEach(() => stopAll(nodes))

  const goThrough = (...relays: TestNode[]): void => {
    a.transport.relay({ through: () => relays.map(({ transport }) => transport.self), admits: () => true })
  }

  const ask = async (word: string): Promise<string> =>
    read(await a.transport.link(c.transport.self, PROTOCOL).request(text(word), { timeoutMs: 6000 }))

  const relayBy = async (target: TestNode, twist: Twist): Promise<void> => {
    await b.libp2p.handle(RELAY_PROTOCOL, stream => { void passOn(b, target, stream, twist).catch(() => {}) })
  }

  const [twice, flipped, swallowed]: Twist[] = [
    (piece, at) => at > 3 ? [piece, piece] : [piece],
    (piece, at) => at > 3 ? [piece.map((byte, i) => i === piece.length - 1 ? byte ^ 1 : byte)] : [piece],
    (piece, at) => at > 6 ? [] : [piece]
  ]

  for (const [what, twist] of [
    ['plays everything twice', twice], ['changes a bit', flipped], ['passes nothing on after a while', swallowed],
    ['says yes and passes nothing on', () => []]
  ] as Array<[string, Twist]>) {
    it(`that ${what} is found out in time`, async () => {
      await relayBy(c, twist)
      goThrough(b)
      await rejects(ask('first'), 'ECONNRESET', 'ETIMEDOUT', ...UNREACHED)
      const isTrue = heard.every(words => words === `first from ${a.transport.self}`)
      expect(isTrue, heard.join()).to.equal(true)
    }).timeout(20_000)
  }

  it('that says nothing is given up, and the next one taken', async () => {
    await b.libp2p.handle(RELAY_PROTOCOL, () => {})
    d.transport.relay({ through: () => [], admits: () => true })
    goThrough(b, d)
    expect(await ask('first')).to.equal('first')
    expect(heard).to.deep.equal([`first from ${a.transport.self}`])
  })

  it('that leads to somebody else gets nothing of it', async () => {
    d.transport.serve(PROTOCOL, ECHO)
    d.transport.relay({ through: () => [], admits: () => true })
    b.transport.learn(d.transport.self, d.transport.addresses())
    await relayBy(d, piece => [piece])
    goThrough(b)
    await rejects(ask('secret'), ...UNREACHED)
  })

  it('that names somebody else than who asked is not believed', async () => {
    await b.libp2p.handle(RELAY_PROTOCOL, stream => {
      void passOn(b, c, stream, piece => [piece], d.transport.self).catch(() => {})
    })
    goThrough(b)
    await rejects(ask('first'), 'ETIMEDOUT', ...UNREACHED)
    expect(heard).to.deep.equal([])
  })

  for (const [what, bytes] of [
    ['no text', Uint8Array.of(3, 0xff, 0xfe, 0xfd)],
    ['a length beyond all bounds', Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x7f)],
    ['no peer', Uint8Array.of(2, ...text('{}'))],
    ['a list', Uint8Array.of(4, ...text('null'))],
    ['the id of nobody', Uint8Array.of(14, ...text('{"peer":"abc"}'))]
  ] as const) {
    it(`and one that answers ${what}, or asks by it, harms nobody`, async () => {
      await b.libp2p.handle(RELAY_PROTOCOL, stream => { stream.send(bytes) })
      d.transport.relay({ through: () => [], admits: () => true })
      goThrough(b, d)
      const stream = await open(a, d, RELAY_PROTOCOL)
      stream.send(bytes)
      await ended(stream)
      const offer = await open(b, c, RELAYED_PROTOCOL)
      offer.send(bytes)
      await ended(offer)
      expect(await ask('first')).to.equal('first')
    }).timeout(20_000)
  }

  it('is not made of an honest one by who asks without end, or is no member', async () => {
    d.transport.relay({ through: () => [], admits: peer => peer !== b.transport.self })
    const answers = await Promise.all(Array.from({ length: 40 }, () => askFor(a, d, c.transport.self)))
    expect(answers.filter(code => code === 'yes')).to.have.lengthOf(2)
    expect(answers.filter(code => code === 'EAGAIN')).to.have.lengthOf(38)
    b.transport.learn(d.transport.self, d.transport.addresses())
    await b.transport.dial(d.transport.addresses()[0] as string)
    expect(await askFor(b, d, c.transport.self)).to.equal('EACCES')
    expect(await askFor(c, d, b.transport.self)).to.equal('EACCES')
    expect(await askFor(c, d, d.transport.self)).to.equal('EINVAL')
  })
})

function connection (from: TestNode, to: TestNode): Connection {
  return from.libp2p.getConnections(to.libp2p.peerId)[0] as Connection
}

async function open (from: TestNode, to: TestNode, protocol: string): Promise<Stream> {
  return await connection(from, to).newStream([protocol], { signal: signal(), maxOutboundStreams: 100 })
}

async function ended (stream: Stream): Promise<void> {
  if (stream.remoteWriteStatus !== 'writable') return
  await new Promise<void>(resolve => {
    for (const end of ['close', 'remoteCloseWrite'] as const) stream.addEventListener(end, () => resolve())
  })
}

/** What a relay answers to who asks for `peer`. */
async function askFor (from: TestNode, relay: TestNode, peer: NodeId): Promise<string> {
  const preamble = new Preamble(await open(from, relay, RELAY_PROTOCOL))
  await preamble.sayPeer(peer, { signal: signal() })
  return await preamble.hearAnswer({ signal: signal() }).then(() => 'yes', ({ code }) => code as string)
}

/** What a relay does, with a twist. */
async function passOn (
  relay: TestNode, target: TestNode, stream: Stream, twist: Twist, name?: NodeId
): Promise<void> {
  const asked = new Preamble(stream)
  await asked.hearPeer({ signal: signal() })
  const asker = stream.protocol === '' ? undefined : relay.libp2p.getConnections()
    .find(({ streams }) => streams.some(({ id }) => id === stream.id && streams.includes(stream)))
  if (connection(relay, target) === undefined) await relay.transport.dial(target.transport.addresses()[0] as string)
  const offered = new Preamble(await open(relay, target, RELAYED_PROTOCOL))
  await offered.sayPeer(name ?? asker?.remotePeer.toString() ?? '', { signal: signal() })
  await offered.hearAnswer({ signal: signal() })
  await asked.answer({ signal: signal() })
  const [near, far] = [asked.end(), offered.end()]
  let at = 0
  near.addEventListener('message', ({ data }) => {
    for (const piece of twist(data.subarray(), at++)) if (far.status === 'open') far.send(piece)
  })
  far.addEventListener('message', ({ data }) => { if (near.status === 'open') near.send(data) })
  for (const [one, other] of [[near, far], [far, near]] as const) {
    one.addEventListener('close', () => other.abort(new Error('The other side is gone.')))
  }
}
