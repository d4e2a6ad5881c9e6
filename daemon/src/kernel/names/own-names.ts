import {
  isInDomain, zoneContains, type AbortOptions, type Membership, type NodeView, type Zone
} from '@welkin/interface'
import type { Locator } from '../../dispatch/index.ts'
import type { StandingEntry } from './standing-entry.ts'

/** For so long others may remember where a node or an object is. */
export const OWN_TTL_MS = 5000

export interface OwnNamesPorts {
  locator: Pick<Locator, 'locate'>
  membership: Pick<Membership, 'everyone'>
  cloud: string
}

/**
 * What has a name because it is there: nodes (`n1.node.acme`), zones (`r1.lyon.zone.acme`: the nodes in it that are up;
 * `zone.acme`: all), objects by id or name (`greet.object.acme`, `2.web.object.acme`). Nobody binds these.
 */
export class OwnNames {
  readonly #ports: OwnNamesPorts

  constructor (ports: OwnNamesPorts) {
    this.#ports = ports
  }

  /** Whether a name is of this kind. */
  includes (name: string): boolean {
    const { cloud } = this.#ports
    return ['node', 'zone', 'object'].some(kind => isInDomain(name, `${kind}.${cloud}`))
  }

  /** Nothing by a name: none. Rejects EINVAL (several objects), EHOSTDOWN. */
  async entriesOf (name: string, options: AbortOptions): Promise<{ entries: StandingEntry[], ttlMs: number }> {
    const { cloud, locator, membership } = this.#ports
    const labels = name.slice(0, -cloud.length - 1).split('.').toReversed()
    const [kind, ...rest] = labels
    if (kind === 'object' && rest.length > 0) {
      const { id, node } = await locator.locate(rest.join('.'), options)
      return { entries: [{ object: id, node, ports: {}, by: node, boundAtMs: 0, untilMs: 0 }], ttlMs: OWN_TTL_MS }
    }
    const { nodes } = await membership.everyone(options)
    const zone: Zone = [cloud, ...rest].join('/')
    const meant = kind === 'node'
      ? nodes.filter(node => rest.length === 1 && node.name === rest[0])
      : nodes.filter(node => kind === 'zone' && node.state === 'up' && zoneContains(zone, node.zone))
    return { entries: meant.map(entryOfNode), ttlMs: OWN_TTL_MS }
  }
}

function entryOfNode ({ id }: NodeView): StandingEntry {
  return { node: id, ports: {}, by: id, boundAtMs: 0, untilMs: 0 }
}
