import { randomBytes } from 'node:crypto'
import { createNodeClock } from '@welkin/platform-node'
import { directoryCompliance, inRealTime } from '@welkin/port-compliance'
import { startKadDht, type KadDhtNode } from '../src/kad-dht-directory.ts'

const NODES = 6

async function startAll (): Promise<KadDhtNode[]> {
  const clock = createNodeClock()
  const nodes = await Promise.all(Array.from({ length: NODES }, () =>
    startKadDht({ clock }, { seed: randomBytes(32), listen: ['/ip4/127.0.0.1/tcp/0'] })))
  for (const [place, node] of nodes.entries()) {
    for (const { addresses } of nodes.slice(0, place)) await node.dial(addresses[0] as string)
  }
  return nodes
}

describe('a directory by kad-dht', function () {
  this.timeout(60_000)

  directoryCompliance(async () => {
    const nodes = await startAll()
    return {
      nodes,
      wallMs: () => Date.now(),
      lose: async place => { await nodes[place]?.stop() },
      until: inRealTime,
      close: async () => { await Promise.all(nodes.map(async node => { await node.stop() })) }
    }
  }, { tells: false, tellsWriters: false })
})
