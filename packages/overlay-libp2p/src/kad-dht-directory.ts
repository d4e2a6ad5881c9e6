import './with-resolvers.ts'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import { kadDHT, passthroughMapper, type KadDHT, type QueryEvent } from '@libp2p/kad-dht'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { withDeadline } from '@welkin/async'
import {
  CloudError, isCloudError, throwIfAborted, type Cancel, type Clock, type Directory, type DirectoryOptions, type Kept,
  type NodeId, type RecordKind
} from '@welkin/interface'
import { createLibp2p } from 'libp2p'
import { addressOf } from './address-book.ts'
import { frugalYamux } from './frugal-yamux.ts'
import { MergingDatastore, nameOf, partsOf } from './merging-datastore.ts'
import { OVERLAY_OPTIONS } from './options.ts'

/** A network of its own: records of other programs are none of ours. */
const PROTOCOL = '/welkin/kad/1'
const TIMEOUT_MS = 10_000

export interface KadDhtOptions { seed: Uint8Array, listen: readonly string[] }

/** A node of kad-dht, with a connection to nobody yet. */
export interface KadDhtNode {
  readonly self: NodeId
  readonly addresses: readonly string[]
  readonly directory: Directory
  /** Meets whoever listens there. Rejects EHOSTDOWN. */
  dial: (address: string) => Promise<void>
  stop: () => Promise<void>
}

/**
 * The Directory port over @libp2p/kad-dht, for comparison, and for those that speak kad-dht anyway. It cannot tell of
 * changes (`tellMs` is passed over), hands nothing over when neighbours come and go (whoever wrote a record puts it
 * again, at least every 48 hours), and a put does not learn what its holders had beyond this node's own.
 */
export async function startKadDht ({ clock }: { clock: Clock }, { seed, listen }: KadDhtOptions): Promise<KadDhtNode> {
  const kinds = new Map<string, RecordKind>()
  const datastore = new MergingDatastore(kinds)
  const node = await createLibp2p({
    privateKey: await generateKeyPairFromSeed('Ed25519', seed),
    datastore,
    addresses: { listen: [...listen] },
    transports: [tcp({ dialOpts: { noDelay: true }, listenOpts: { noDelay: true } })],
    connectionEncrypters: [noise()],
    streamMuxers: [frugalYamux(OVERLAY_OPTIONS)],
    connectionManager: {
      inboundConnectionThreshold: OVERLAY_OPTIONS.connectionsPerHostMax, maxIncomingPendingConnections: 1000
    },
    connectionMonitor: { enabled: false },
    services: {
      identify: identify(),
      ping: ping(),
      dht: kadDHT({
        protocol: PROTOCOL,
        datastorePrefix: '/welkin',
        clientMode: false, // else a node that knows no public address of its own answers nobody
        peerInfoMapper: passthroughMapper, // private addresses are good
        kBucketSize: 8,
        alpha: 3,
        disjointPaths: 3
      })
    }
  })
  return {
    self: node.peerId.toString(),
    addresses: node.getMultiaddrs().map(address => address.toString()),
    directory: new KadDhtDirectory(node.services.dht as KadDHT, clock, kinds, datastore),
    dial: async address => {
      try {
        await node.dial(addressOf(address))
      } catch (cause) {
        throw new CloudError('EHOSTDOWN', `Nobody answers at ${address}; is it running?`, { cause })
      }
    },
    stop: async () => { await node.stop() }
  }
}

class KadDhtDirectory implements Directory {
  readonly #dht: KadDHT
  readonly #clock: Clock
  readonly #kinds: Map<string, RecordKind>
  readonly #datastore: MergingDatastore

  constructor (dht: KadDHT, clock: Clock, kinds: Map<string, RecordKind>, datastore: MergingDatastore) {
    this.#dht = dht
    this.#clock = clock
    this.#kinds = kinds
    this.#datastore = datastore
  }

  keep (kind: RecordKind): Cancel {
    const { name } = kind
    const { validators, selectors } = this.#dht
    this.#kinds.set(name, kind)
    validators[name] = (at, value) => kind.check(partsOf(at)?.key ?? '', value)
    selectors[name] = (at, records) => select(kind, at, records)
    return () => {
      if (this.#kinds.get(name) !== kind) return
      this.#kinds.delete(name)
      delete validators[name]
      delete selectors[name]
    }
  }

  async put (
    name: string, key: string, record: Uint8Array, { timeoutMs = TIMEOUT_MS, signal }: DirectoryOptions = {}
  ): Promise<Kept> {
    throwIfAborted(signal)
    const kind = this.#kind(name)
    kind.check(key, record)
    if (this.#hasExpired(kind, key, record)) {
      throw new CloudError('EINVAL', 'The record has expired; put one that has not.')
    }
    let [asked, took] = [1, 1] // this node keeps it in any case
    await this.#follow(`put of ${key}`, { timeoutMs, signal }, until => this.#dht.put(nameOf(name, key), record, {
      signal: until
    }), event => {
      if (event.name === 'FINAL_PEER') asked++
      if (event.name === 'PEER_RESPONSE' && event.messageName === 'PUT_VALUE' && event.record !== undefined) took++
    })
    if (2 * took <= asked) {
      throw new CloudError('EHOSTDOWN', `Of ${asked} nodes ${took} took the record; try again when more are up.`)
    }
    const own = [...this.#datastore.held(kind)].find(([held]) => held === key)?.[1]
    return { record: own ?? record, holders: took }
  }

  async get (
    name: string, key: string, { timeoutMs = TIMEOUT_MS, signal }: DirectoryOptions = {}
  ): Promise<Uint8Array | undefined> {
    throwIfAborted(signal)
    const kind = this.#kind(name)
    let merged: Uint8Array | undefined
    let [answered, failed] = [0, 0]
    const take = (value: Uint8Array): void => {
      try {
        kind.check(key, value)
        if (!this.#hasExpired(kind, key, value)) merged = merged === undefined ? value : kind.merge(key, merged, value)
      } catch (error) {
        if (!isCloudError(error)) throw error
      }
    }
    try {
      await this.#follow(`get of ${key}`, { timeoutMs, signal }, until => this.#dht.get(nameOf(name, key), {
        signal: until
      }), event => {
        if (event.name === 'PEER_RESPONSE') answered++
        if (event.name === 'QUERY_ERROR') failed++
        if (event.name === 'VALUE') take(event.value)
        if (event.name === 'PEER_RESPONSE' && event.record !== undefined) take(event.record.value)
      })
    } catch (error) {
      // One peer that refuses a correction fails a get whose value has come.
      if (merged === undefined || isCloudError(error, 'ECANCELED')) throw error
    }
    if (merged === undefined && answered === 0 && failed > 0) {
      throw new CloudError('EHOSTDOWN', 'None of the nodes near to the key answers; try again when more are up.')
    }
    return merged
  }

  * held (name: string): Generator<readonly [key: string, record: Uint8Array]> {
    const kind = this.#kinds.get(name)
    if (kind === undefined) return
    for (const [key, record] of this.#datastore.held(kind)) {
      if (!this.#hasExpired(kind, key, record)) yield [key, record]
    }
  }

  #hasExpired (kind: RecordKind, key: string, record: Uint8Array): boolean {
    return kind.untilMs(key, record) <= this.#clock.wallMs()
  }

  #kind (name: string): RecordKind {
    const kind = this.#kinds.get(name)
    if (kind !== undefined) return kind
    throw new CloudError('ENOSYS', `This node keeps no records of kind "${name}"; check that all run the same version.`)
  }

  /** All that kad-dht tells of one query. Rejects ETIMEDOUT, ECANCELED, and EHOSTDOWN for its own errors. */
  async #follow (
    what: string, { timeoutMs, signal }: { timeoutMs: number, signal: AbortSignal | undefined },
    query: (signal: AbortSignal) => AsyncIterable<QueryEvent>, onEvent: (event: QueryEvent) => void
  ): Promise<void> {
    await withDeadline(this.#clock, { timeoutMs, signal, what: `The ${what}` }, async until => {
      try {
        for await (const event of query(until)) onEvent(event)
      } catch (cause) {
        if (isCloudError(cause)) throw cause
        throw new CloudError('EHOSTDOWN', `The ${what} failed: ${String(cause)}`, { cause })
      }
    })
  }
}

/** The place of a record that has all that the others have, or of the one that comes nearest to it. */
function select (kind: RecordKind, name: Uint8Array, records: readonly Uint8Array[]): number {
  const key = partsOf(name)?.key ?? ''
  let best = 0
  for (let at = 1; at < records.length; at++) {
    const [held, given] = [records[best] as Uint8Array, records[at] as Uint8Array]
    if (kind.merge(key, held, given) !== held) best = at
  }
  return best
}
