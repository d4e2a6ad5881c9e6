import { CloudError, isZone, zoneContains, type NodeView } from '@welkin/interface'

/** The one node that `ref` means: its id, its name, or a prefix of the id that only it has. Rejects ENOENT, EINVAL. */
export function resolveNode (nodes: readonly NodeView[], ref: string): NodeView {
  const exact = nodes.find(node => node.id === ref)
  if (exact !== undefined) return exact
  const named = nodes.filter(node => node.name === ref)
  const matches = named.length > 0 ? named : nodes.filter(node => node.id.startsWith(ref))
  if (matches.length === 1) return matches[0] as NodeView
  if (matches.length === 0) {
    const message = `No node goes by "${ref}"; "welkin nodes" lists those that are known.`
    throw new CloudError('ENOENT', message, { fields: { node: ref } })
  }
  const ids = matches.map(node => node.id)
  const message = `"${ref}" could be any of ${matches.length} nodes; use more of the id.`
  throw new CloudError('EINVAL', message, { fields: { matches: ids.slice(0, 20) } })
}

/** The nodes that `place` means: all of a zone, or the one of that name or id. Never empty. Rejects ENOENT, EINVAL. */
export function resolvePlace (nodes: readonly NodeView[], place: string): NodeView[] {
  const inZone = isZone(place) ? nodes.filter(node => zoneContains(place, node.zone)) : []
  if (inZone.length > 0) return inZone
  if (place.includes('/')) {
    const message = `No known node stands in zone "${place}"; "welkin nodes" shows their zones.`
    throw new CloudError('ENOENT', message, { fields: { zone: place } })
  }
  return [resolveNode(nodes, place)]
}
