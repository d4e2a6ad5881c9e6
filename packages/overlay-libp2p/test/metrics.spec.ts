import { createNodeMetrics } from '@welkin/platform-node'
import { expect } from 'chai'
import { createLibp2pOverlay } from '../src/index.ts'
import { clock, options, PROTOCOL, random, startNode, TestLog } from './kit.ts'

describe('the figures of the overlay', () => {
  it('tell what a node has sent: requests and answers, their payload, and all that went to sockets', async () => {
    const metrics = createNodeMetrics()
    const counted = await createLibp2pOverlay({ clock, random, log: new TestLog(), metrics }, options())
    const other = await startNode()
    const figure = async (name: string): Promise<number> =>
      Number(new RegExp(`^welkin_overlay_${name} (\\S+)$`, 'm').exec(await metrics.render())?.[1])
    const answer = async (): Promise<Uint8Array> => new Uint8Array(50)
    try {
      counted.transport.serve(PROTOCOL, { request: answer, channel: async () => {} })
      other.transport.serve(PROTOCOL, { request: answer, channel: async () => {} })
      counted.transport.learn(other.transport.self, other.transport.addresses())
      await counted.transport.link(other.transport.self, PROTOCOL).request(new Uint8Array(300))
      await other.transport.link(counted.transport.self, PROTOCOL).request(new Uint8Array(7))
      await counted.transport.link(counted.transport.self, PROTOCOL).request(new Uint8Array(1000))
      expect([await figure('sent_calls_total'), await figure('sent_payload_bytes_total')]).to.deep.equal([2, 350])
      expect(await figure('sent_pieces_total')).to.be.above(2)
      expect(await figure('sent_bytes_total')).to.be.above(350)
    } finally {
      await Promise.all([counted.stop(), other.stop()])
    }
  })
})
