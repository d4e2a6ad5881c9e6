import { sleep } from '@welkin/async'
import type { Transport } from '@welkin/interface'
import type { LinkQuality } from '@welkin/links'
import { gossipCompliance, transportCompliance } from '@welkin/port-compliance'
import { createStage, type Node } from './stage.ts'

function transportSuite (quality: Partial<LinkQuality>): void {
  transportCompliance(async () => {
    const { network, nodes, until, close } = createStage(['a', 'b', 'c'], { quality })
    const [a, b, c] = nodes.map(({ transport }) => transport) as [Transport, Transport, Transport]
    return { a, b, c, stranger: 'nobody', disconnect: async () => network.disconnect('a', 'b'), until, close }
  })
}

function gossipSuite (quality: Partial<LinkQuality>): void {
  gossipCompliance(async () => {
    const { nodes, until, close } = createStage(['a', 'b', 'c', 'd', 'e'], { quality })
    const ready = async (): Promise<void> => {
      for (const { transport } of nodes) {
        for (const { self } of nodes) await transport.dial(`virtual:${self}`)
      }
      await sleep((nodes[0] as Node).clock, 3000)
    }
    return { nodes, ready, readyWithin: ready, until, close }
  })
}

describe('A virtual overlay', () => {
  transportSuite({})
  gossipSuite({})

  describe('over bad lines', () => {
    const bad = { latencyMs: 80, jitterMs: 60, lossRatio: 0.1, bytesPerSecond: 25e6 }
    transportSuite(bad)
    gossipSuite(bad)
  })
})
