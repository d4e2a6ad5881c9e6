import { centreOf } from '../cloud/centre.ts'
import {
  CloudError, isCloudError, isZone, zoneContains, type AbortOptions, type Coordinate, type Membership, type NodeId,
  type ObjectId
} from '@welkin/interface'
import { HERE, type Place } from '@welkin/query'
import { resolveNode } from '../../../resolve-node.ts'

export interface TargetPorts {
  membership: Membership
  /** Where this node stands. */
  coordinate: () => Coordinate | undefined
  locator: { locate: (ref: string, options?: AbortOptions) => Promise<{ id: ObjectId, node: NodeId }> }
}

/**
 * Where the targets of a query stand: nodes, zones (their centres), or objects (their nodes). Looks at this site first,
 * then at the whole cloud, then for objects. Rejects ENOENT, EHOSTDOWN (it may be where nobody answers).
 */
export async function resolveTargets (
  targets: readonly string[], ports: TargetPorts, options: AbortOptions
): Promise<Map<string, Place>> {
  return new Map(await Promise.all(targets.map(async (target): Promise<[string, Place]> =>
    [target, await resolveTarget(target, ports, options)])))
}

async function resolveTarget (target: string, ports: TargetPorts, options: AbortOptions): Promise<Place> {
  const { coordinate, locator, membership } = ports
  if (target === HERE) return { id: membership.self, coordinate: coordinate() }
  const own = membership.nodes().find(({ id, name }) => id === target || name === target)
  if (own !== undefined) return own
  const cloud = await membership.everyone(options)
  const { nodes } = cloud
  const inZone = isZone(target) ? nodes.filter(({ zone, state }) => state === 'up' && zoneContains(target, zone)) : []
  if (inZone.length > 0) return { coordinate: centreOf(inZone)?.coordinate }
  try {
    return resolveNode(cloud, target)
  } catch (error) {
    if (!isCloudError(error, 'ENOENT', 'EHOSTDOWN')) throw error
  }
  try {
    const { node } = await locator.locate(target, options)
    return nodes.find(({ id }) => id === node) ?? { id: node }
  } catch (error) {
    if (!isCloudError(error, 'ENOENT', 'EHOSTDOWN')) throw error
    const where = error.code === 'EHOSTDOWN' ? ' where nodes answer' : ''
    const message = `Nothing goes by "${target}"${where}: no node, no zone and no object. ` +
      'See "welkin nodes" and "welkin ps".'
    throw new CloudError(error.code, message, { fields: { target }, cause: error })
  }
}
