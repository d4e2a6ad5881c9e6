import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import {
  createDirectory, createNames, directoryOptions, EventLog, namesOptions, OPEN, type Names
} from '@welkin/daemon/kernel'
import { CloudError, SILENT, type Directory, type NodeId, type Service } from '@welkin/interface'
import { createLibp2pOverlay } from '@welkin/overlay-libp2p'
import { createNodeClock, createNodeKeys, createNodeRandom, openNodeDisk } from '@welkin/platform-node'
import { VirtualMetrics } from '@welkin/platform-virtual'
import { standingMembership } from './standing-membership.ts'

/** On a machine that others use too. */
const DIAL_MS = 30_000

export interface RealDirectory {
  self: NodeId
  addresses: readonly string[]
  directory: Directory
  /** Names of an open cloud that are kept in it, bound durably in `folder`; to be called once. */
  startNames: (cloud: string, folder: string) => Promise<Names>
  /** From now on it knows these; to be called once. */
  meet: (all: ReadonlyArray<Pick<RealDirectory, 'self' | 'addresses'>>) => Promise<void>
  /** Has a connection to whoever listens there. */
  dial: (address: string) => Promise<void>
  /** Ends it without handing anything over. */
  stop: () => Promise<void>
}

/** A directory over real libp2p on loopback, with no daemon around it. */
export async function startRealDirectory (): Promise<RealDirectory> {
  const seed = randomBytes(32)
  const ports = {
    clock: createNodeClock(),
    random: createNodeRandom(),
    keys: createNodeKeys(seed),
    log: SILENT,
    metrics: new VirtualMetrics()
  }
  const overlay = await createLibp2pOverlay(ports, { seed, listen: ['/ip4/127.0.0.1/tcp/0'] })
  const { transport } = overlay
  const all: Array<Pick<RealDirectory, 'self' | 'addresses'>> = []
  const { self } = transport
  const membership = standingMembership(self, all)
  const directory: Directory & Service = createDirectory(
    { ...ports, transport, membership, measurement: { way: () => ({}) } }, directoryOptions.parse({}))
  return {
    self,
    addresses: transport.addresses(),
    directory,
    startNames: async (cloud, folder) => {
      const names = createNames({
        ...ports,
        access: OPEN,
        cloud,
        directory,
        disk: await openNodeDisk(join(folder, self), self),
        events: new EventLog(self, ports),
        // There is nothing here but what is bound.
        locator: { locate: async ref => { throw new CloudError('ENOENT', `There is no object ${ref} here.`) } },
        membership: { everyone: async () => ({ nodes: [], silent: [] }) },
        published: () => []
      }, namesOptions.parse({}))
      await names.start()
      return names
    },
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
