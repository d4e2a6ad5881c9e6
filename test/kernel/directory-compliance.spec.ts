import { directoryCompliance, inRealTime } from '@welkin/port-compliance'
import { grid, VirtualCloud } from '@welkin/sim'
import { knowsAll } from './in-cloud.ts'
import { startRealDirectory } from './real-directory.ts'

const ALL = { tells: true, tellsWriters: true }
const NODES = 9

describe('the kernel\'s directory', () => {
  describe('over the virtual overlay', () => {
    directoryCompliance(async () => {
      const cloud = new VirtualCloud({ seed: 'directory', places: grid({ sites: 1, racks: 1, nodes: NODES }) })
      const until = async <T>(promise: Promise<T>): Promise<T> => await cloud.timeline.until(promise)
      const [door, ...others] = cloud.places.map(({ name }) => name) as [string, ...string[]]
      const start = async (): Promise<void> => {
        await cloud.start(door)
        for (const name of others) await cloud.start(name, [door])
        await knowsAll(cloud)
      }
      await until(start())
      return {
        nodes: cloud.nodes().map(({ id, directory }) => ({ self: id, directory })),
        wallMs: () => cloud.machines.get(door)?.quartz.wallMs() as number,
        lose: async place => { cloud.powerOff(cloud.places[place]?.name as string) },
        until,
        close: async () => { for (const { name } of cloud.places) cloud.powerOff(name) }
      }
    }, ALL)
  })

  describe('over libp2p', () => {
    directoryCompliance(async () => {
      const nodes = await Promise.all(Array.from({ length: NODES }, () => startRealDirectory()))
      for (const node of nodes) await node.meet(nodes)
      // As daemons of one site are connected before anybody asks for names: all at once they make one another late.
      for (const [place, { dial }] of nodes.entries()) {
        for (const { addresses } of nodes.slice(0, place)) await dial(addresses[0] as string)
      }
      return {
        nodes,
        wallMs: () => Date.now(),
        lose: async place => { await nodes[place]?.stop() },
        until: inRealTime,
        close: async () => { await Promise.all(nodes.map(async node => { await node.stop() })) }
      }
    }, ALL)
  })
})
