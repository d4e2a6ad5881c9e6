import { gossipCompliance, inRealTime, transportCompliance } from '@welkin/port-compliance'
import { cut, meshed, startNodes, stopAll, type TestNode } from './kit.ts'

describe('the libp2p overlay', () => {
  transportCompliance(async () => {
    const nodes = await startNodes(3)
    const [a, b, c] = nodes as [TestNode, TestNode, TestNode]
    return {
      a: a.transport,
      b: b.transport,
      c: c.transport,
      stranger: '12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5',
      disconnect: async () => cut(a, b),
      until: inRealTime,
      close: () => stopAll(nodes)
    }
  })

  gossipCompliance(async () => {
    const nodes = await startNodes(3)
    for (const { transport } of nodes) {
      for (const other of nodes) await transport.dial(other.transport.addresses()[0] as string)
    }
    return {
      nodes: nodes.map(({ transport, gossip }) => ({ self: transport.self, gossip })),
      ready: topic => meshed(nodes, topic),
      readyWithin: topic => meshed(nodes.slice(1), topic),
      until: inRealTime,
      close: () => stopAll(nodes)
    }
  })
})
