import { toHex, type Keys, type NodeId, type NodeView } from '@welkin/interface'

/** How many nodes keep what opens a user's key. */
export const HOLDERS = 3
/** Nodes that are asked beside those that should hold it, since the cloud may have just changed. */
const OTHERS_ASKED = 3

/**
 * Nodes in the order in which they are to hold what is `name`'s, the same wherever the same nodes are known; a node
 * that comes or goes changes no other's place (rendezvous hashing; Thaler and Ravishankar, 1998).
 */
export function inOrderFor<N extends { id: NodeId }> (
  name: string, nodes: readonly N[], keys: Pick<Keys, 'digest'>
): N[] {
  const encoder = new TextEncoder()
  const weightOf = ({ id }: N): string => toHex(keys.digest().update(encoder.encode(`${name}\0${id}`)).done())
  return nodes.map(node => ({ node, weight: weightOf(node) }))
    .toSorted((a, b) => a.weight < b.weight ? -1 : 1)
    .map(({ node }) => node)
}

/** Who is to be asked for what is `name`'s, in order; `keepers`: the names of who should have it, up or not. */
export function askedFor (
  name: string, nodes: readonly NodeView[], keys: Pick<Keys, 'digest'>
): { holders: NodeId[], keepers: string[] } {
  const isUp = ({ state }: NodeView): boolean => state === 'up'
  const all = inOrderFor(name, nodes, keys)
  const others = all.slice(HOLDERS).filter(isUp).slice(0, OTHERS_ASKED)
  const keepers = all.slice(0, HOLDERS)
  return {
    holders: [...keepers.filter(isUp), ...others].map(({ id }) => id),
    keepers: keepers.map(node => node.name)
  }
}
