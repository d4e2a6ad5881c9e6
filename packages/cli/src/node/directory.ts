import {
  CloudError, didYouMean, isZone, zoneContains, type CloudEvent, type NodeId, type Zone
} from '@welkin/interface'
import type { NodeView } from './rows.ts'

/** What of an event says whom it concerns. */
type Told = Pick<CloudEvent, 'type' | 'node' | 'fields'>

/** Whom events are to concern; what is left out may be anybody. */
export interface Concern { node?: NodeId | undefined, zone?: Zone | undefined }

/** What nodes are called and where they stand: as they were listed, and as events have told since. */
export class NodeDirectory {
  readonly #known = new Map<NodeId, { name: string, zone: Zone }>()

  constructor (nodes: readonly NodeView[]) {
    for (const { id, name, zone } of nodes) this.#known.set(id, { name, zone })
  }

  /** The one node of that name, or whose id begins so. Throws ENOENT, EINVAL. */
  find (ref: string): NodeId {
    const nodes = [...this.#known]
    const named = nodes.filter(([id, { name }]) => id === ref || name === ref)
    const [found, ...others] = named.length > 0 ? named : nodes.filter(([id]) => id.startsWith(ref))
    if (found === undefined) {
      const near = didYouMean(ref, nodes.map(([, { name }]) => name))
      throw new CloudError('ENOENT', `There is no node ${ref}.${near} "welkin nodes" lists them.`)
    }
    if (others.length === 0) return found[0]
    const message = `${ref} could be any of ${others.length + 1} nodes; "welkin nodes --wide" shows their ids.`
    throw new CloudError('EINVAL', message)
  }

  /** Its name, or its id where nobody has told. */
  nameOf (id: NodeId): string {
    return this.#known.get(id)?.name ?? id
  }

  /** Nodes that start tell of themselves, and others tell of those that come. */
  learn ({ type, node, fields: { about, name, zone } }: Told): void {
    const id = type === 'nodeStarted' ? node : about
    if (typeof id !== 'string' || typeof name !== 'string' || typeof zone !== 'string') return
    this.#known.set(id, { name, zone })
  }

  /** Whether it is told by, or tells of, who is meant. */
  concerns ({ node: teller, fields: { about, zone: told } }: Told, { node, zone }: Concern): boolean {
    const isMeant = (id: unknown): boolean =>
      typeof id === 'string' && (node === undefined || id === node) && (zone === undefined || this.#standsIn(id, zone))
    if (isMeant(teller) || isMeant(about)) return true
    return node === undefined && zone !== undefined && typeof told === 'string' && isZone(told) && overlap(told, zone)
  }

  #standsIn (id: NodeId, zone: Zone): boolean {
    const known = this.#known.get(id)
    return known !== undefined && zoneContains(zone, known.zone)
  }
}

/** Whether one of them is in the other: the loss of a whole site concerns its racks. */
function overlap (one: Zone, other: Zone): boolean {
  return zoneContains(one, other) || zoneContains(other, one)
}
