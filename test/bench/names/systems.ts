import { createHash, randomBytes } from 'node:crypto'
import { pathToFileURL } from 'node:url'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { RecordKind } from '@welkin/interface'
import { startKadDht } from '@welkin/overlay-libp2p/kad-dht'
import { createNodeClock } from '@welkin/platform-node'
import { startRealDirectory } from '../../kernel/real-directory.ts'

/** Who is compared. */
export type System = 'welkin' | 'kad-dht' | 'hyperdht'

export interface Met { self: string, addresses: readonly string[] }

/** A node that keeps names, whatever program it is of. */
export interface NamesNode extends Met {
  meet: (all: readonly Met[]) => Promise<void>
  put: (key: string) => Promise<unknown>
  /** Whether it finds what was put. */
  has: (key: string) => Promise<boolean>
  stop: () => Promise<void>
}

const KIND: RecordKind = {
  name: 'name',
  check: (_key, record) => record,
  merge: (_key, held, given) => Buffer.compare(held, given) >= 0 ? held : given,
  untilMs: () => 1e15
}

/** Of the others; a signed entry has about as many. */
const VALUE_BYTES = 200

/** Nodes that one of kad-dht is told of; the others it finds. */
const KAD_NEIGHBOURS = 8

/** The last label of all names, and for how long they are bound and remembered. */
const [CLOUD, KEEP_MS, TTL_MS] = ['acme', 3_600_000, 60_000]

/** Names as users have them: signed, checked by holders, bound durably, remembered by who asked. */
async function startWelkin (folder: string): Promise<NamesNode> {
  const node = await startRealDirectory()
  const names = await node.startNames(CLOUD, folder)
  return {
    ...node,
    meet: async all => {
      await node.meet(all)
      // A handshake is 24 ms of CPU, and here all nodes share one machine: they make theirs before anything is timed.
      const place = all.findIndex(({ self }) => self === node.self)
      for (const { addresses } of all.slice(0, place)) await node.dial(addresses[0] as string)
    },
    put: async key => {
      const subject = { kind: 'node', id: node.self, node: node.self } as const
      await names.bind({ name: key, subject, ports: {}, rule: 'both', chain: [], keepMs: KEEP_MS, ttlMs: TTL_MS })
    },
    has: async key => (await names.standing(key)).entries.length > 0
  }
}

async function startKad (): Promise<NamesNode> {
  const seed = randomBytes(32)
  const { directory, dial, ...node } = await startKadDht({ clock: createNodeClock() }, {
    seed, listen: ['/ip4/127.0.0.1/tcp/0']
  })
  directory.keep(KIND)
  return {
    ...node,
    meet: async all => {
      const place = all.findIndex(({ self }) => self === node.self)
      for (let i = 1; i <= KAD_NEIGHBOURS; i++) {
        const { self, addresses } = all[(place + i * i) % all.length] as Met
        if (self !== node.self) await dial(addresses[0] as string).catch(() => { /* the others are enough */ })
      }
    },
    put: async key => await directory.put('name', key, valueOf(key)),
    has: async key => isOf(key, await directory.get('name', key))
  }
}

/** What of HyperDHT is used here. */
interface HyperDht {
  fullyBootstrapped (): Promise<void>
  address (): { host: string, port: number }
  mutablePut (keyPair: unknown, value: Buffer): Promise<unknown>
  mutableGet (publicKey: unknown): Promise<{ value: Buffer } | null>
  destroy (options: { force: boolean }): Promise<void>
}

interface HyperDhtClass {
  new (options: object): HyperDht
  bootstrapper (port: number, host: string): HyperDht
  keyPair (seed: Buffer): { publicKey: Buffer }
}

/** The first one has to have a port of its own choice. */
const [BOOTSTRAP_PORTS_FROM, BOOTSTRAP_PORTS] = [40_000, 20_000]

/** Without `bootstrap` the first of all: the others find one another through it. */
async function startHyper (folder: string, bootstrap: string | undefined): Promise<NamesNode> {
  const file = createRequire(join(folder, 'package.json')).resolve('hyperdht')
  const { default: Dht } = await import(pathToFileURL(file).href) as { default: HyperDhtClass }
  const [host = '127.0.0.1', port = ''] = bootstrap?.split(':') ?? []
  const dht = bootstrap === undefined
    ? Dht.bootstrapper(BOOTSTRAP_PORTS_FROM + process.pid % BOOTSTRAP_PORTS, '127.0.0.1')
    : new Dht({ bootstrap: [{ host, port: Number(port) }], ephemeral: false, firewalled: false, host: '127.0.0.1' })
  await dht.fullyBootstrapped()
  const keyPairOf = (key: string): { publicKey: Buffer } => Dht.keyPair(createHash('sha256').update(key).digest())
  const address = `127.0.0.1:${dht.address().port}`
  return {
    self: address,
    addresses: [address],
    meet: async () => {},
    put: async key => await dht.mutablePut(keyPairOf(key), Buffer.from(valueOf(key))),
    has: async key => isOf(key, (await dht.mutableGet(keyPairOf(key).publicKey))?.value),
    stop: async () => { await dht.destroy({ force: true }) }
  }
}

export async function startNode (
  system: System, { folder, bootstrap }: { folder: string, bootstrap?: string | undefined }
): Promise<NamesNode> {
  if (system === 'welkin') return await startWelkin(folder)
  return system === 'kad-dht' ? await startKad() : await startHyper(folder, bootstrap)
}

function valueOf (key: string): Uint8Array {
  return new TextEncoder().encode(key.padEnd(VALUE_BYTES, '.'))
}

function isOf (key: string, value: Uint8Array | undefined): boolean {
  return value !== undefined && new TextDecoder().decode(value).startsWith(key)
}
