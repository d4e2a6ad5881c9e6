import type { NodeId } from '@welkin/interface'
import { IDEAL, type LinkQuality } from '@welkin/links'
import { transportCompliance, inRealTime } from '@welkin/port-compliance'
import { expect } from 'chai'
import {
  clock, cut as disconnect, ECHO, PROTOCOL, read, rejects, startNodes, stopAll, text, type TestNode
} from './kit.ts'

const SLOW: LinkQuality = { ...IDEAL, latencyMs: 30 }
const CUT: LinkQuality = { ...IDEAL, cut: true }

describe('links between real nodes', () => {
  let nodes: TestNode[]
  let a: TestNode
  let b: TestNode
  let between: (from: NodeId, to: NodeId) => LinkQuality

  const ask = async (word: string): Promise<string> =>
    read(await a.transport.link(b.transport.self, PROTOCOL).request(text(word)))

  const durationMs = async (promise: Promise<unknown>): Promise<number> => {
    const startMs = clock.monotonicMs()
    await promise
    return clock.monotonicMs() - startMs
  }

  beforeEach(async () => {
    between = () => IDEAL
    nodes = await startNodes(2, { links: (from, to) => between(from, to), dialTimeoutMs: 2000 })
    ;[a, b] = nodes as [TestNode, TestNode]
    b.transport.serve(PROTOCOL, ECHO)
  })

  afterEach(() => stopAll(nodes))

  it('take their latency there and back', async () => {
    between = () => SLOW
    await ask('first')
    expect(await durationMs(ask('second'))).to.be.at.least(60)
  })

  it('take three round trips to connect over', async () => {
    between = () => SLOW
    expect(await durationMs(a.transport.dial(b.transport.addresses()[0] as string))).to.be.at.least(180)
  })

  it('are slow for a peer that was dialled without its id', async () => {
    between = () => SLOW
    const address = (b.transport.addresses()[0] as string).replace(/\/p2p\/.*/, '')
    expect(await durationMs(a.transport.dial(address))).to.be.at.least(150)
    expect(await durationMs(ask('word'))).to.be.at.least(60)
  })

  it('are asked for each way alone', async () => {
    await ask('first')
    between = from => from === b.transport.self ? { ...IDEAL, latencyMs: 80 } : IDEAL
    expect(await durationMs(ask('second'))).to.be.at.least(80)
  })

  it('hold an answer while they are cut, until they are mended', async () => {
    await ask('first')
    between = from => from === b.transport.self ? CUT : IDEAL
    let answer: string | undefined
    const asking = ask('second').then(word => { answer = word })
    await rejects(a.transport.link(b.transport.self, PROTOCOL).request(text('third'), { timeoutMs: 300 }), 'ETIMEDOUT')
    expect(answer).to.equal(undefined)
    between = () => IDEAL
    await asking
    expect(answer).to.equal('second')
  })

  for (const [way, isCut] of [
    ['the way there', (from: NodeId) => from === a.transport.self],
    ['the way back', (from: NodeId) => from === b.transport.self]
  ] as const) {
    it(`let nobody dial while ${way} is cut`, async () => {
      between = from => isCut(from) ? CUT : IDEAL
      const [address] = b.transport.addresses() as [string]
      await rejects(a.transport.dial(address), 'ETIMEDOUT', 'EHOSTDOWN')
      await rejects(ask('word'), 'EHOSTDOWN')
      between = () => IDEAL
      expect(await ask('word')).to.equal('word')
    })
  }

  it('let a node leave while they are cut', async () => {
    await ask('first')
    between = () => CUT
    void ask('second').catch(() => {})
    await a.stop()
    expect(a.libp2p.status).to.equal('stopped')
  })

  it('let a megabyte through whole, over a slow and lossy link', async () => {
    between = () => ({ latencyMs: 1, jitterMs: 2, bytesPerSecond: 50e6, lossRatio: 0.02 })
    const block = new Uint8Array(1024 * 1024).map((_none, at) => at % 251)
    const answer = await a.transport.link(b.transport.self, PROTOCOL).request(block)
    expect(Buffer.compare(answer, block)).to.equal(0)
  })
})

describe('the libp2p overlay over slow links', () => {
  transportCompliance(async () => {
    const slow = { latencyMs: 4, jitterMs: 4, bytesPerSecond: 25e6, lossRatio: 0 }
    const nodes = await startNodes(3, { links: () => slow })
    const [a, b, c] = nodes as [TestNode, TestNode, TestNode]
    return {
      a: a.transport,
      b: b.transport,
      c: c.transport,
      stranger: '12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5',
      disconnect: async () => disconnect(a, b),
      until: inRealTime,
      close: () => stopAll(nodes)
    }
  })
})
