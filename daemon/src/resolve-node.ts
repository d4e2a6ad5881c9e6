import { CloudError, isZone, zoneContains, type CloudView, type NodeView, type Zone } from '@welkin/interface'

/**
 * The one node that `ref` means: its id, its name, or a prefix of the id that only it has. Throws ENOENT, EINVAL,
 * EHOSTDOWN (it may be of a site that does not answer).
 */
export function resolveNode ({ nodes, silent }: CloudView, ref: string): NodeView {
  const exact = nodes.find(node => node.id === ref)
  if (exact !== undefined) return exact
  const named = nodes.filter(node => node.name === ref)
  const matches = named.length > 0 ? named : nodes.filter(node => node.id.startsWith(ref))
  if (matches.length === 1) return matches[0] as NodeView
  if (matches.length === 0) throw nowhere(`No node goes by "${ref}"`, { node: ref }, silent)
  const ids = matches.map(node => node.id)
  const message = `"${ref}" could be any of ${matches.length} nodes; use more of the id.`
  throw new CloudError('EINVAL', message, { fields: { matches: ids.slice(0, 20) } })
}

/** The nodes that `place` means: all of a zone, or the one of that name or id. Never empty. Throws as `resolveNode`. */
export function resolvePlace (view: CloudView, place: string): NodeView[] {
  const inZone = isZone(place) ? view.nodes.filter(node => zoneContains(place, node.zone)) : []
  if (inZone.length > 0) return inZone
  if (place.includes('/')) throw nowhere(`No known node stands in zone "${place}"`, { zone: place }, view.silent)
  return [resolveNode(view, place)]
}

/** What nobody knows may be where nobody answers. */
function nowhere (what: string, meant: { node: string } | { zone: string }, silent: readonly Zone[]): CloudError {
  if (silent.length === 0) {
    return new CloudError('ENOENT', `${what}; "welkin nodes" lists those that are known.`, { fields: meant })
  }
  const sites = `${silent.slice(0, 5).join(', ')}${silent.length > 5 ? ', …' : ''}`
  const message = `${what} where nodes answer; it may be in a site that does not: ${sites}. ` +
    'Try again when that is back, or name another place.'
  return new CloudError('EHOSTDOWN', message, { fields: { ...meant, silent: [...silent] } })
}
