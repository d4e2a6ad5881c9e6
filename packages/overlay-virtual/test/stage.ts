import type { NodeId } from '@welkin/interface'
import type { LinkQuality } from '@welkin/links'
import {
  createVirtualRandom, KeyAuthority, Timeline, VirtualMachine, type VirtualPorts
} from '@welkin/platform-virtual'
import { Network, type NetworkOptions } from '../src/index.ts'

export type Node = VirtualPorts & ReturnType<Network['join']> & { self: NodeId }

/** Machines on one network that know one another, not connected yet. */
export interface Stage {
  timeline: Timeline
  network: Network
  machines: VirtualMachine[]
  nodes: Node[]
  until: <T>(promise: Promise<T>) => Promise<T>
  close: () => Promise<void>
  /** Begins the next life of a machine. */
  powerOn: (place: number) => Node
}

interface StageOptions extends Partial<NetworkOptions> { seed?: string, quality?: Partial<LinkQuality> }

export function createStage (names: readonly NodeId[], options: StageOptions = {}): Stage {
  const { seed = 'overlay', quality, ...rest } = options
  const timeline = new Timeline()
  const random = createVirtualRandom(seed)
  const authority = new KeyAuthority(random)
  const links = (): LinkQuality => ({ latencyMs: 5, jitterMs: 2, bytesPerSecond: 125e6, lossRatio: 0, ...quality })
  const network = new Network({ timeline, random, links, ...rest })
  const machines = names.map(name => new VirtualMachine({ timeline, random, authority, name }))
  const powerOn = (place: number): Node => {
    const machine = machines[place] as VirtualMachine
    const ports = machine.powerOn()
    const node = { self: machine.name, ...ports, ...network.join(machine.name, ports) }
    for (const name of names) node.transport.learn(name, [`virtual:${name}`])
    return node
  }
  return {
    timeline,
    network,
    machines,
    nodes: machines.map((_machine, place) => powerOn(place)),
    until: async promise => await timeline.until(promise),
    close: async () => { for (const machine of machines) machine.powerOff() },
    powerOn
  }
}
