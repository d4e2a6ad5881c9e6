import {
  createMeasurement, Dispatcher, Finder, OPEN, measurementOptions, serveResources, SiteTable
} from '@welkin/daemon/kernel'
import type { Link, Membership, NodeView } from '@welkin/interface'
import { IDEAL } from '@welkin/links'
import { Network } from '@welkin/overlay-virtual'
import { createVirtualRandom, KeyAuthority, Timeline, VirtualMachine } from '@welkin/platform-virtual'
import { createSyscalls, type Syscalls } from '@welkin/syscalls'

/** Round trips to a few nodes, by which the one that is asked finds out where it stands. */
const MEASURED_PEERS = 8
const MEASURED_TIMES = 16
const RTT_MS = 20

/** A site as its first node knows it: the kernel's own table, and what finds in it, with no cloud around. */
export class KnownSite {
  /** What time it is there. */
  nowMs = 0
  readonly membership: Membership
  readonly finder: Finder
  /** As a gateway hands calls in, without the socket. */
  readonly syscalls: Syscalls
  readonly #table: SiteTable
  readonly #versions: number[]

  constructor (nodes: readonly NodeView[]) {
    this.#table = new SiteTable(nodes.length)
    this.#versions = nodes.map(() => 0)
    for (const [at, node] of nodes.entries()) this.hear(at, node)
    this.membership = this.#createMembership(nodes[0]?.id as string)

    const timeline = new Timeline()
    const random = createVirtualRandom('site')
    const { self } = this.membership
    const machine = new VirtualMachine({ timeline, random, authority: new KeyAuthority(random), name: self })
    const { life, driver: _driver, ...ports } = machine.powerOn()
    const network = new Network({ timeline, random, links: () => IDEAL })
    const { transport } = network.join(self, { life, ...ports })
    const measurement = createMeasurement({ ...ports, transport, peers: () => [] }, measurementOptions.parse({}))
    for (let time = 0; time < MEASURED_TIMES; time++) {
      for (const { id, coordinate } of nodes.slice(1, 1 + MEASURED_PEERS)) measurement.observe(id, coordinate, RTT_MS)
    }
    const locator = {
      locate: async () => { throw new Error('All targets are nodes here.') },
      learn: () => {}, leftFor: () => {}, hasLeft: () => false, forget: () => {}
    }
    const calls = new Dispatcher({ ...ports, access: OPEN, transport })
    calls.route(this.membership, locator, () => undefined)
    const { membership } = this
    this.finder = new Finder({ ...ports, calls, transport, measurement, membership, locator })
    serveResources({ calls, membership, finder: this.finder, measurement })
    this.syscalls = createSyscalls(linkTo(calls), { drawRequestId: () => '0'.repeat(32) })
  }

  /** The node in this place says of itself what stands in `node`; at first all, then what changes. */
  hear (at: number, { load, coordinate, price, ageMs, state: _up, ...facts }: NodeView): void {
    const stamp = { incarnation: 1, version: (this.#versions[at] as number)++ }
    const heard = { subject: at, stamp, wire: new Uint8Array() }
    if (stamp.version === 0) this.#table.hearFacts({ kind: 'facts', facts, ...heard }, this.nowMs)
    const vitals = { load, coordinate, price, leaving: false }
    this.#table.hearVitals({ kind: 'vitals', vitals, ...heard }, this.nowMs - ageMs, this.nowMs)
  }

  #createMembership (self: string): Membership {
    const nodes = (): readonly NodeView[] => this.#table.views(this.nowMs)
    return {
      self,
      site: 'acme/s0',
      nodes,
      node: id => this.#table.view(id, this.nowMs),
      life: () => 1,
      sites: () => [],
      summaries: async () => [],
      neighbours: () => [],
      around: () => [],
      contacts: () => [],
      everyone: async () => ({ nodes: nodes(), silent: [] })
    }
  }
}

function linkTo (calls: Dispatcher): Link {
  const handler = calls.handler(() => ({ kind: 'owner' }))
  const arrival = { signal: new AbortController().signal, timeoutMs: undefined }
  return {
    request: async payload => await handler.request(payload, arrival),
    open: () => { throw new Error('Nothing is streamed here.') }
  }
}
