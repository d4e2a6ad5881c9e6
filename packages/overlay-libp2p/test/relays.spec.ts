import { IDEAL } from '@welkin/links'
import { inRealTime, relayCompliance } from '@welkin/port-compliance'
import { sleep } from '@welkin/async'
import { clock, startNodes, stopAll, type TestNode } from './kit.ts'

describe('the libp2p overlay with a cut', () => {
  relayCompliance(async () => {
    let isCut = true
    let ends: string[] = []
    const nodes = await startNodes(4, {
      dialTimeoutMs: 1500,
      headStartMs: 200,
      links: (from, to) => ({ ...IDEAL, cut: isCut && ends.includes(from) && ends.includes(to) })
    })
    const [a, b, c, d] = nodes as [TestNode, TestNode, TestNode, TestNode]
    ends = [a.transport.self, c.transport.self]
    const isStraight = (): boolean => [[a, c], [c, a]].every(([one, other]) => {
      const connections = (one as TestNode).libp2p.getConnections((other as TestNode).libp2p.peerId)
      return connections.length > 0 && connections.every(({ direct }) => direct)
    })
    return {
      a: a.transport,
      b: b.transport,
      c: c.transport,
      d: d.transport,
      mend: () => { isCut = false },
      cut: () => { isCut = true },
      straight: async () => { while (!isStraight()) await sleep(clock, 20) },
      stopB: () => b.stop(),
      until: inRealTime,
      close: () => stopAll(nodes)
    }
  })
})
