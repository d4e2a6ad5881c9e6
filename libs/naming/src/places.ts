import type { ReplyOf, Syscalls } from '@welkin/abi'
import { ignoreFault, isCloudError, type Clock, type Logger, type NodeId } from '@welkin/interface'
import { ipAddressesOf } from './addresses.ts'

/** Where a node is, as the asked node sees it. */
export interface Place {
  readonly name: string
  readonly isDown: boolean
  readonly addresses: readonly string[]
  readonly rttMs: number | undefined
}

export interface PlacesPorts { syscalls: Pick<Syscalls, 'find'>, clock: Clock, log: Logger }
export interface PlacesOptions { placesTtlMs: number, timeoutMs: number }

type Row = ReplyOf<'find'>['rows'][number]

interface Kept { place: Place | undefined, askedMs: number, asking: Promise<void> | undefined }

/** Nodes that are remembered; and that one question names, since a query is bounded. */
const NODES_MAX = 10_000
const ASKED_MAX = 200
/** Where nobody answers, what was heard so long ago is better than nothing. */
const STALE_MS = 30_000

/** Remembers for a moment where nodes are and how far away; asks the node's own site first, others for the rest. */
export class Places {
  readonly #ports: PlacesPorts
  readonly #options: PlacesOptions
  readonly #kept = new Map<NodeId, Kept>()

  constructor (ports: PlacesPorts, options: PlacesOptions) {
    this.#ports = ports
    this.#options = options
  }

  /** Those that are known; never rejects for faults of the world. */
  async of (nodes: readonly NodeId[]): Promise<ReadonlyMap<NodeId, Place>> {
    const nowMs = this.#ports.clock.monotonicMs()
    const fresh = nowMs - this.#options.placesTtlMs
    const asked = nodes.filter(id => {
      const kept = this.#kept.get(id)
      return kept === undefined || (kept.asking === undefined && kept.askedMs < fresh)
    })
    for (let from = 0; from < asked.length; from += ASKED_MAX) this.#ask(asked.slice(from, from + ASKED_MAX), nowMs)
    await Promise.all(nodes.map(id => this.#kept.get(id)?.asking))
    return new Map(nodes.flatMap(id => {
      const place = this.#kept.get(id)?.place
      return place === undefined ? [] : [[id, place]]
    }))
  }

  #ask (ids: readonly NodeId[], nowMs: number): void {
    if (this.#kept.size > NODES_MAX) this.#dropOld(nowMs)
    const asking = this.#find(ids, nowMs).finally(() => {
      for (const id of ids) {
        const kept = this.#kept.get(id)
        if (kept !== undefined) kept.asking = undefined
      }
    })
    for (const id of ids) {
      const kept = this.#kept.get(id)
      const isUseful = kept !== undefined && nowMs - kept.askedMs < STALE_MS
      this.#kept.set(id, { place: isUseful ? kept.place : undefined, askedMs: kept?.askedMs ?? nowMs, asking })
    }
  }

  async #find (ids: readonly NodeId[], nowMs: number): Promise<void> {
    const { log, syscalls } = this.#ports
    const { timeoutMs } = this.#options
    let missing = ids
    try {
      for (const scope of ['site', 'cloud'] as const) {
        if (missing.length === 0) return
        const query = { where: { kind: 'in' as const, attribute: 'id', values: [...missing] } }
        const { rows, silent } = await syscalls.find({ query, scope }, { timeoutMs })
        for (const { node, cost } of rows) this.#know(node.id, placeOf({ node, cost }), nowMs)
        const found = new Set(rows.map(({ node }) => node.id))
        missing = missing.filter(id => !found.has(id))
        // Where all have answered, nobody knows these; else what was known before holds for a while.
        if (scope === 'cloud' && silent.length === 0) for (const id of missing) this.#know(id, undefined, nowMs)
      }
    } catch (error) {
      ignoreFault(error)
      if (isCloudError(error)) log.debug('naming.places_unknown', { code: error.code })
    }
  }

  #know (id: NodeId, place: Place | undefined, askedMs: number): void {
    const kept = this.#kept.get(id)
    this.#kept.set(id, { place, askedMs, asking: kept?.asking })
  }

  #dropOld (nowMs: number): void {
    for (const [id, { askedMs, asking }] of this.#kept) {
      if (asking === undefined && nowMs - askedMs >= this.#options.placesTtlMs) this.#kept.delete(id)
    }
  }
}

function placeOf ({ node, cost }: Row): Place {
  return {
    name: node.name, isDown: node.state === 'down', addresses: ipAddressesOf(node.addresses), rttMs: cost.rttMs
  }
}
