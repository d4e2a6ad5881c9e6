import { fork, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { CloudError, type NodeId } from '@welkin/interface'
import { expect } from 'chai'
import { createLibp2pOverlay } from '../src/index.ts'
import {
  clock, cut, ECHO, loss, options, PROTOCOL, random, read, readAll, rejection, rejects, startNode, startNodes, stopAll,
  TestLog, text, type TestNode
} from './kit.ts'

describe('the transport', () => {
  let nodes: TestNode[]
  let a: TestNode
  let b: TestNode

  beforeEach(async () => {
    nodes = await startNodes(2)
    ;[a, b] = nodes as [TestNode, TestNode]
  })

  afterEach(() => stopAll(nodes))

  it('says who answers at an address', async () => {
    const [address] = b.transport.addresses() as [string]
    expect(await a.transport.dial(address)).to.equal(b.transport.self)
    expect(await a.transport.dial(withoutPeer(address))).to.equal(b.transport.self)
    expect(await a.transport.dial(a.transport.addresses()[0] as string)).to.equal(a.transport.self)
  })

  it('tells bad, dead and foreign addresses apart', async () => {
    const [address] = b.transport.addresses() as [string]
    await rejects(a.transport.dial('nonsense'), 'EINVAL')
    await rejects(a.transport.dial('/ip4/127.0.0.1/tcp/1'), 'EHOSTDOWN')
    const foreign = address.replace(b.transport.self, (await strangerId()))
    await rejects(a.transport.dial(foreign), 'EHOSTDOWN')
    await rejects(a.transport.dial(address, { signal: AbortSignal.abort() }), 'ECANCELED')
  })

  it('carries all requests of a pair of nodes on one connection and one stream', async () => {
    b.transport.serve(PROTOCOL, ECHO)
    const link = a.transport.link(b.transport.self, PROTOCOL)
    const replies = await Promise.all(Array.from({ length: 500 }, (_, n) => link.request(text(`${n}`))))
    expect(replies.map(read)).to.deep.equal(Array.from({ length: 500 }, (_, n) => `${n}`))
    const streams = a.libp2p.getConnections().flatMap(connection => connection.streams)
    expect(streams.filter(({ protocol }) => protocol === PROTOCOL)).to.have.length(1)
  })

  it('carries a hundred channels at once', async () => {
    b.transport.serve(PROTOCOL, ECHO)
    const link = a.transport.link(b.transport.self, PROTOCOL)
    const block = new Uint8Array(30_000)
    await Promise.all(Array.from({ length: 100 }, async (_, n) => {
      const channel = link.open(new Uint8Array(0))
      const sending = (async () => {
        for (let i = 0; i < 5; i++) await channel.send(block.map(() => n))
        await channel.end()
      })()
      let count = 0
      for await (const message of channel) {
        count++
        expect([message.byteLength, message[0], message[29_999]]).to.deep.equal([30_000, n, n])
      }
      expect(count).to.equal(5)
      await sending
    }))
  })

  it('rejects EHOSTDOWN when nobody answers, and works again when somebody does', async () => {
    const seed = randomBytes(32)
    const first = await startNode({ seed })
    const { self } = first.transport
    const listen = first.transport.addresses().map(withoutPeer)
    a.transport.learn(self, first.transport.addresses())
    const link = a.transport.link(self, PROTOCOL)
    first.transport.serve(PROTOCOL, ECHO)
    expect(read(await link.request(text('1')))).to.equal('1')
    const lost = loss(a)
    await first.stop()
    expect(await lost).to.equal(self)
    await rejects(link.request(text('2')), 'EHOSTDOWN')
    const second = await startNode({ seed, listen })
    nodes.push(second)
    second.transport.serve(PROTOCOL, ECHO)
    expect(read(await link.request(text('3')))).to.equal('3')
  })

  it('goes on after a cut with the next use of the same link, both ways', async () => {
    for (const node of nodes) node.transport.serve(PROTOCOL, ECHO)
    const links = [a.transport.link(b.transport.self, PROTOCOL), b.transport.link(a.transport.self, PROTOCOL)]
    for (let round = 0; round < 3; round++) {
      const lost = Promise.all(nodes.map(loss))
      expect(await Promise.all(links.map(async link => read(await link.request(text('x')))))).to.deep.equal(['x', 'x'])
      cut(a, b)
      await lost
    }
  })

  it('includes the time to connect in the deadline of a request', async () => {
    const silent = await silentListener()
    a.transport.learn(b.transport.self, [silent.address])
    await rejects(a.transport.link(b.transport.self, PROTOCOL).request(text('x'), { timeoutMs: 50 }), 'ETIMEDOUT')
    await silent.close()
  })

  it('ignores addresses that are none of the peer', async () => {
    a.transport.learn(b.transport.self, ['nonsense', ...a.transport.addresses(), ...b.transport.addresses()])
    b.transport.serve(PROTOCOL, ECHO)
    expect(read(await a.transport.link(b.transport.self, PROTOCOL).request(text('x')))).to.equal('x')
    expect(a.log.events.map(({ event }) => event)).to.deep.equal(['overlay.addresses_ignored'])
  })

  it('serves one handler a protocol', () => {
    const cancel = a.transport.serve(PROTOCOL, ECHO)
    expect(() => a.transport.serve(PROTOCOL, ECHO)).to.throw(CloudError).with.property('code', 'EEXIST')
    cancel()
    cancel()
    a.transport.serve(PROTOCOL, ECHO)
  })

  it('closes the stream of a peer that does not speak the protocol, and serves all others', async () => {
    b.transport.serve(PROTOCOL, ECHO)
    const link = a.transport.link(b.transport.self, PROTOCOL)
    await link.request(text('before'))
    const [connection] = a.libp2p.getConnections(b.libp2p.peerId)
    const stream = await connection?.newStream(PROTOCOL)
    const closed = new Promise(resolve => stream?.addEventListener('remoteCloseWrite', resolve))
    stream?.send(text('GET / HTTP/1.1\r\n\r\n'))
    await closed
    expect(b.log.events).to.have.length(1)
    expect(b.log.events[0]).to.include({ level: 'warn', event: 'wire.connection_refused' })
    expect(b.log.events[0]?.fields).to.include({ peer: a.transport.self, protocol: PROTOCOL, code: 'EPROTO' })
    expect(read(await link.request(text('after')))).to.equal('after')
  })

  it('stops at once while calls are under way, which reject', async () => {
    const inside: Array<Promise<void>> = []
    const stuck = (): (() => Promise<never>) => {
      let enter = (): void => {}
      inside.push(new Promise<void>(resolve => { enter = resolve }))
      return async () => { enter(); return await new Promise<never>(() => {}) }
    }
    b.transport.serve(PROTOCOL, { request: stuck(), channel: stuck() })
    const link = a.transport.link(b.transport.self, PROTOCOL)
    const reads = rejection(readAll(link.open(text(''))))
    const request = rejection(link.request(text('x')))
    await Promise.all(inside)
    await b.stop()
    expect(await request).to.include({ code: 'ECONNRESET' })
    expect(await reads).to.include({ code: 'ECONNRESET' })
    await rejects(b.transport.link(a.transport.self, PROTOCOL).request(text('x')), 'ECONNRESET')
  })
})

describe('a node that cannot start', () => {
  it('rejects EADDRINUSE for a port in use', async () => {
    const first = await startNode()
    const listen = first.transport.addresses().map(withoutPeer)
    await rejects(createLibp2pOverlay({ clock, random, log: new TestLog() }, options({ listen })), 'EADDRINUSE')
    await first.stop()
  })

  it('rejects EINVAL for addresses and keys that cannot be', async () => {
    const ports = { clock, random, log: new TestLog() }
    const wrongs = [{ listen: ['/ip4/127.0.0.1/udp/7'] }, { listen: ['nonsense'] }, { seed: new Uint8Array(31) }]
    for (const wrong of wrongs) {
      await rejects(createLibp2pOverlay(ports, options(wrong)), 'EINVAL')
    }
  })
})

describe('a peer in another process', () => {
  let child: ChildProcess
  let a: TestNode
  let peer: NodeId

  beforeEach(async () => {
    child = fork(fileURLToPath(new URL('./peer.js', import.meta.url)))
    const [address] = await once(child, 'message') as [string]
    a = await startNode({ probePeriodMs: 1000 })
    peer = await a.transport.dial(address)
  })

  afterEach(async () => {
    child.kill('SIGKILL')
    await a.stop()
  })

  for (const signal of ['SIGKILL', 'SIGSTOP'] as const) {
    it(`that gets ${signal} is noticed, and what it was asked rejects ECONNRESET`, async () => {
      const link = a.transport.link(peer, PROTOCOL)
      expect(read(await link.request(text('echo')))).to.equal('echo')
      const lost = loss(a)
      const request = rejection(link.request(text('hang')))
      const channel = link.open(text(''))
      await channel.send(text('echo'))
      const reader = channel[Symbol.asyncIterator]()
      await reader.next()
      const reads = rejection(reader.next())
      expect(read(await link.request(text('echo')))).to.equal('echo')
      child.kill(signal)
      expect(await request).to.include({ code: 'ECONNRESET' })
      expect(await reads).to.include({ code: 'ECONNRESET' })
      expect(await lost).to.equal(peer)
    })
  }
})

function withoutPeer (address: string): string {
  return address.replace(/\/p2p\/.*/, '')
}

async function strangerId (): Promise<NodeId> {
  return peerIdFromPrivateKey(await generateKeyPair('Ed25519')).toString()
}

/** Takes connections and says nothing. */
async function silentListener (): Promise<{ address: string, close: () => Promise<void> }> {
  const sockets: Array<{ destroy: () => void }> = []
  const server = createServer(socket => { sockets.push(socket) })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    address: `/ip4/127.0.0.1/tcp/${(server.address() as { port: number }).port}`,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    }
  }
}
