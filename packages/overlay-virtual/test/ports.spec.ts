import { sleep } from '@welkin/async'
import { gossipCompliance, transportCompliance, type World } from '@welkin/port-compliance'
import { createVirtualRandom, KeyAuthority, Timeline, VirtualMachine, type VirtualPorts } from '@welkin/platform-virtual'
import { Network, type LinkQuality } from '../src/index.ts'

type Node = VirtualPorts & ReturnType<Network['join']> & { self: string }

interface Stage extends World { network: Network, nodes: Node[] }

function createStage (names: readonly string[], quality: Partial<LinkQuality>): Stage {
  const timeline = new Timeline()
  const random = createVirtualRandom('overlay')
  const authority = new KeyAuthority(random)
  const links = (): LinkQuality => ({ latencyMs: 5, jitterMs: 2, bytesPerSecond: 125e6, lossRatio: 0, ...quality })
  const network = new Network({ timeline, random, links })
  const machines = names.map(name => new VirtualMachine({ timeline, random, authority, name }))
  const nodes = machines.map((machine): Node => {
    const ports = machine.powerOn()
    return { self: machine.name, ...ports, ...network.join(machine.name, ports) }
  })
  for (const { transport } of nodes) {
    for (const { self, transport: other } of nodes) transport.learn(self, other.addresses())
  }
  return {
    network,
    nodes,
    until: async promise => await timeline.until(promise),
    close: async () => { for (const machine of machines) machine.powerOff() }
  }
}

function transportSuite (quality: Partial<LinkQuality>): void {
  transportCompliance(async () => {
    const { network, nodes, until, close } = createStage(['a', 'b', 'c'], quality)
    const [a, b, c] = nodes.map(({ transport }) => transport) as [Node['transport'], Node['transport'], Node['transport']]
    return { a, b, c, stranger: 'nobody', disconnect: async () => network.disconnect('a', 'b'), until, close }
  })
}

function gossipSuite (quality: Partial<LinkQuality>): void {
  gossipCompliance(async () => {
    const { nodes, until, close } = createStage(['a', 'b', 'c', 'd', 'e'], quality)
    const [{ transport, clock }] = nodes as [Node]
    const ready = async (): Promise<void> => {
      for (const { self } of nodes) await transport.dial(`virtual:${self}`)
      await sleep(clock, 3000)
    }
    return { nodes, ready, until, close }
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
