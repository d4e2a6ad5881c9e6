import { createHash } from 'node:crypto'
import { createDirectory, type DirectoryOptions, type DirectoryPorts } from '@welkin/daemon/kernel'
import {
  CloudError, SILENT, type Clock, type Digest, type Directory, type Handler, type NodeId, type NodeView, type Random,
  type RecordKind, type Service, type SiteSummary, type Transport, type Zone
} from '@welkin/interface'
import { createVirtualRandom, VirtualMetrics, type Timeline } from '@welkin/platform-virtual'

export interface LightCloudOptions {
  nodes: number
  /** Nodes of one site, which know one another by membership. */
  siteNodes: number
  seed: string
  directory: DirectoryOptions
  kind: RecordKind
}

/** One life of a node: when it is over, its timers do not ring and its answers do not arrive. */
interface Life { isOver: boolean, directory: Directory & Service }

interface LightNode {
  id: NodeId
  site: number
  handlers: Map<string, Handler>
  life: Life | undefined
  lives: number
  /** How many of them membership has heard of. */
  heardLives: number
}

/** There and back, within a site and between two. */
const [NEAR_MS, FAR_MS] = [0.5, 20]
/** Until membership holds a node to be down that is, and up that has come back. */
const [DOWN_KNOWN_MS, UP_KNOWN_MS] = [6000, 1000]
/** Nodes of other sites that membership tells of. */
const CONTACTS = 16
/** Who speaks for a site. */
const DELEGATES = 3
/** Of those that ask a dead node, so many are told by its machine; the others hear nothing. */
const REFUSED_SHARE = 0.5
const CONNECT_MS = 10_000

const known = new Map<string, Uint8Array>()

/** SHA-256, computed once for all nodes: thousands of them hash the same ids. */
const keys = {
  digest: (): Digest => {
    let text = ''
    const digest: Digest = {
      update: bytes => {
        text += Buffer.from(bytes).toString('latin1')
        return digest
      },
      done: () => {
        let point = known.get(text)
        if (point === undefined) {
          point = new Uint8Array(createHash('sha256').update(text, 'latin1').digest())
          known.set(text, point)
        }
        return point
      }
    }
    return digest
  }
}

/**
 * Thousands of nodes of which there is nothing but the directory: Transport and Membership are stand-ins, and all else
 * is left out, so that hours of a large cloud can be played. A pure function of its options.
 */
export class LightCloud {
  readonly random: Random
  requests = 0
  readonly #timeline: Timeline
  readonly #options: LightCloudOptions
  readonly #nodes: LightNode[]
  readonly #byId: Map<NodeId, LightNode>
  readonly #sites: NodeView[][] = []
  readonly #views = new Map<NodeId, NodeView & { state: 'up' | 'down' }>()

  constructor (timeline: Timeline, options: LightCloudOptions) {
    this.#timeline = timeline
    this.#options = options
    this.random = createVirtualRandom(options.seed)
    this.#nodes = Array.from({ length: options.nodes }, (_, place) => {
      const site = Math.floor(place / options.siteNodes)
      return { id: `n${place}`, site, handlers: new Map(), life: undefined, lives: 0, heardLives: 0 }
    })
    this.#byId = new Map(this.#nodes.map(node => [node.id, node]))
    for (const { id, site } of this.#nodes) {
      const view = { id, addresses: [`light:${id}`], state: 'down' } as unknown as NodeView & { state: 'up' | 'down' }
      this.#views.set(id, view)
      ;(this.#sites[site] ??= []).push(view)
    }
  }

  get nowMs (): number {
    return this.#timeline.nowMs
  }

  get size (): number {
    return this.#nodes.length
  }

  /** The directory of a node that is up. */
  directory (place: number): Directory | undefined {
    return this.#nodes[place]?.life?.directory
  }

  async powerOn (place: number): Promise<void> {
    const node = this.#nodes[place] as LightNode
    const life = { isOver: false } as Life
    node.life = life
    node.lives++
    const random = this.random.fork(`${node.id} ${node.lives}`)
    life.directory = createDirectory({
      clock: this.#clockOf(life), random, keys,
      transport: this.#transportOf(node, life, random),
      membership: this.#membershipOf(node, life),
      measurement: { way: peer => ({ rtt: { value: this.#rttMs(node, peer), ageMs: 0, samples: 9 } }) },
      log: SILENT,
      metrics: new VirtualMetrics()
    }, this.#options.directory)
    life.directory.keep(this.#options.kind)
    await life.directory.start()
    this.#seen(node, life, 'up', UP_KNOWN_MS)
  }

  powerOff (place: number): void {
    const node = this.#nodes[place] as LightNode
    const { life } = node
    if (life === undefined) return
    life.isOver = true
    node.life = undefined
    node.handlers.clear()
    this.#seen(node, undefined, 'down', DOWN_KNOWN_MS)
  }

  #seen (node: LightNode, life: Life | undefined, state: 'up' | 'down', inMs: number): void {
    const view = this.#views.get(node.id)
    this.#timeline.after(inMs, () => {
      if (view === undefined || node.life !== life) return
      view.state = state
      node.heardLives = node.lives
    })
  }

  #rttMs (node: LightNode, peer: NodeId): number {
    return this.#byId.get(peer)?.site === node.site ? NEAR_MS : FAR_MS
  }

  #membershipOf (node: LightNode, life: Life): DirectoryPorts['membership'] {
    const others = this.#nodes.filter(({ site }) => site !== node.site)
    const step = Math.max(1, Math.floor(others.length / CONTACTS))
    const contacts = others.filter((_, place) => (place + node.lives * 7) % step === 0).map(({ id }) => ({ id }))
    return {
      self: node.id,
      site: nameOf(node.site),
      nodes: () => this.#sites[node.site] ?? [],
      life: id => this.#byId.get(id)?.heardLives,
      contacts: () => contacts,
      sites: () => [], // who has asked for summaries remembers them; the directory is to do without
      summaries: async () => await new Promise<SiteSummary[]>(resolve => {
        this.#timeline.after(NEAR_MS, () => { if (!life.isOver) resolve(this.#summaries()) })
      })
    }
  }

  #summaries (): SiteSummary[] {
    return this.#sites.map((views, site) => {
      const delegates = []
      for (const view of views) {
        if (view.state === 'up') delegates.push(view)
        if (delegates.length === DELEGATES) break
      }
      return { site: nameOf(site), delegates } as unknown as SiteSummary
    })
  }

  #clockOf (life: Life): Clock {
    const bornMs = this.#timeline.nowMs
    return {
      monotonicMs: () => this.#timeline.nowMs - bornMs,
      wallMs: () => this.#timeline.nowMs,
      after: (delayMs, callback) => this.#timeline.after(delayMs, () => {
        if (!life.isOver) callback()
      })
    }
  }

  #transportOf (node: LightNode, life: Life, random: Random): Transport {
    return {
      self: node.id,
      addresses: () => [`light:${node.id}`],
      learn: () => {},
      relay: () => {},
      dial: async () => await new Promise(() => {}),
      watch: () => () => {},
      serve: (protocol, handler) => {
        node.handlers.set(protocol, handler)
        return () => { node.handlers.delete(protocol) }
      },
      link: (peer, protocol) => ({
        open: () => { throw new Error('The directory opens no channels.') },
        request: async (payload, { timeoutMs = CONNECT_MS } = {}) => await this.#request(
          { node, life, random }, { peer, protocol, payload, timeoutMs })
      })
    }
  }

  async #request (
    from: { node: LightNode, life: Life, random: Random },
    { peer, protocol, payload, timeoutMs }: { peer: NodeId, protocol: string, payload: Uint8Array, timeoutMs: number }
  ): Promise<Uint8Array> {
    this.requests++
    const { node, life, random } = from
    const oneWayMs = this.#rttMs(node, peer) / 2 * (0.8 + 0.4 * random.unit())
    return await new Promise<Uint8Array>((resolve, reject) => {
      const back = (delayMs: number, settle: () => void): void => {
        this.#timeline.after(delayMs, () => { if (!life.isOver) settle() })
      }
      this.#timeline.after(oneWayMs, () => {
        const asked = this.#byId.get(peer)
        const handler = asked?.handlers.get(protocol)
        if (handler === undefined) {
          const isTold = random.unit() < REFUSED_SHARE
          const code = isTold ? 'EHOSTDOWN' : 'ETIMEDOUT'
          back(isTold ? oneWayMs : timeoutMs - oneWayMs, () => reject(new CloudError(code, `${peer} is silent.`)))
          return
        }
        const signal = NEVER.signal
        handler.request(payload, { peer: node.id, signal, timeoutMs }).then(
          answer => back(oneWayMs, () => resolve(answer)), (error: unknown) => back(oneWayMs, () => reject(error)))
      })
    })
  }
}

const NEVER = new AbortController()

function nameOf (site: number): Zone {
  return `light/${site}`
}
