import { toHex, type Keys, type NodeId } from '@welkin/interface'

/** How many nodes keep what opens a user's key. */
export const HOLDERS = 3

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
