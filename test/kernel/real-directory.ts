import { randomBytes } from 'node:crypto'
import { createDirectory, directoryOptions } from '@welkin/daemon/kernel'
import { SILENT, type Directory, type NodeId, type Service } from '@welkin/interface'
import { createLibp2pOverlay } from '@welkin/overlay-libp2p'
import { createNodeClock, createNodeKeys, createNodeRandom } from '@welkin/platform-node'
import { VirtualMetrics } from '@welkin/platform-virtual'
import { standingMembership } from './standing-membership.ts'

/** On a machine that others use too. */
const DIAL_MS = 30_000

export interface RealDirectory {
  self: NodeId
  addresses: readonly string[]
  directory: Directory
  /** From now on it knows these; to be called once. */
  meet: (all: ReadonlyArray<Pick<RealDirectory, 'self' | 'addresses'>>) => Promise<void>
  /** Has a connection to whoever listens there. */
  dial: (address: string) => Promise<void>
  /** Ends it without handing anything over. */
  stop: () => Promise<void>
}

/** A directory over real libp2p on loopback, with no daemon around it. */
export async function startRealDirectory (): Promise<RealDirectory> {
  const [clock, random, seed] = [createNodeClock(), createNodeRandom(), randomBytes(32)]
  const overlay = await createLibp2pOverlay({ clock, random, log: SILENT }, { seed, listen: ['/ip4/127.0.0.1/tcp/0'] })
  const { transport } = overlay
  const all: Array<Pick<RealDirectory, 'self' | 'addresses'>> = []
  const { self } = transport
  const directory: Directory & Service = createDirectory({
    clock, random, transport,
    keys: createNodeKeys(seed),
    membership: standingMembership(self, all),
    measurement: { way: () => ({}) },
    log: SILENT,
    metrics: new VirtualMetrics()
  }, directoryOptions.parse({}))
  return {
    self,
    addresses: transport.addresses(),
    directory,
    meet: async others => {
      all.push(...others)
      for (const { self: id, addresses } of others) if (id !== self) transport.learn(id, addresses)
      await directory.start()
    },
    dial: async address => { await transport.dial(address, { timeoutMs: DIAL_MS }) },
    stop: async () => {
      await directory.stop()
      await overlay.stop()
    }
  }
}
