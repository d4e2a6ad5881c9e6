import { sleep } from '@welkin/async'
import { relayCompliance } from '@welkin/port-compliance'
import type { LinkQuality } from '@welkin/links'
import { createStage, type Node } from './stage.ts'

function relaySuite (quality: Partial<LinkQuality>): void {
  relayCompliance(async () => {
    const { machines, network, nodes, until, close } = createStage(['a', 'b', 'c', 'd'], { quality })
    const [a, b, c, d] = nodes as [Node, Node, Node, Node]
    network.partition([['a'], ['c']])
    const isStraight = (): boolean => network.hostOf('a')?.directTo('c') !== undefined
    return {
      a: a.transport,
      b: b.transport,
      c: c.transport,
      d: d.transport,
      mend: () => network.heal(),
      cut: () => network.partition([['a'], ['c']]),
      straight: async () => {
        while (!isStraight()) await sleep(a.clock, 100)
        await sleep(a.clock, 10_000)
      },
      stopB: async () => machines[1]?.crash(),
      until,
      close
    }
  })
}

describe('A virtual overlay with a cut', () => {
  relaySuite({})

  describe('over bad lines', () => {
    relaySuite({ latencyMs: 80, jitterMs: 60, lossRatio: 0.1, bytesPerSecond: 25e6 })
  })
})
