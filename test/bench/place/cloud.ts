import { OPEN, Placement, Promises, type Calls } from '@welkin/daemon/kernel'
import { CloudError, SILENT, type Clock, type NodeId, type NodeView, type Random } from '@welkin/interface'
import type { Syscalls } from '@welkin/syscalls'
import { KnownSite } from '../known-site.ts'

interface Machine { readonly node: NodeView, readonly promises: Promises }

/**
 * Nodes that take objects for as long as they have room, and are known as they were when they last spoke. What they
 * promise, the table, the finder and the placements are the kernel's; the messages between are left out.
 */
export class PlacedCloud {
  /** How often a node had no room for what it was asked to take. */
  refusals = 0
  readonly #site: KnownSite
  readonly #machines: readonly Machine[]
  /** Nodes that are to speak by now, and whose turn is next. */
  #due = 0
  #turn = 0

  constructor (nodes: readonly NodeView[]) {
    this.#site = new KnownSite(nodes)
    this.#machines = nodes.map(node => ({ node, promises: new Promises(node.machine, node.load.objectsMax) }))
  }

  /** Lets time pass, in which each node speaks once a second, one after the other. */
  pass (ms: number): void {
    this.#site.nowMs += ms
    for (this.#due += this.#machines.length * ms / 1000; this.#due >= 1; this.#due--) {
      const at = this.#turn++ % this.#machines.length
      const { node, promises } = this.#machines[at] as Machine
      const state = promises.state()
      const memoryFreeBytes = node.machine.memoryBytes - state.memoryPromisedBytes
      this.#site.hear(at, { ...node, load: { ...node.load, ...state, memoryFreeBytes } })
    }
  }

  /** Where objects are given to nodes; each knows only what it has placed itself. */
  createPlacement (random: Random): Placement {
    const { finder, membership } = this.#site
    const clock: Clock = {
      monotonicMs: () => this.#site.nowMs,
      wallMs: () => this.#site.nowMs,
      after: () => { throw new Error('Nothing waits here.') }
    }
    return new Placement({
      access: OPEN, clock, random, log: SILENT, membership, calls: this.#calls(),
      find: async (request, options) => await finder.find(request, options)
    })
  }

  #calls (): Calls {
    const clients = new Map(this.#machines.map(({ node, promises }): [NodeId, Partial<Syscalls>] => [node.id, {
      host: async ({ spec: { limits = {} }, objects }) => {
        const { room, why } = promises.roomFor({ limits })
        if (room < objects.length) {
          this.refusals++
          const message = `This node has no room for ${objects.length} more: ${why}.`
          throw new CloudError('EAGAIN', message, { fields: { room } })
        }
        for (const _object of objects) promises.add({ limits })
        return { hosted: objects.length }
      }
    }]))
    const refuse = (): never => { throw new Error('Nothing is served here.') }
    return { at: node => clients.get(node) as Syscalls, serve: refuse, serveDuplex: refuse, open: refuse }
  }
}
