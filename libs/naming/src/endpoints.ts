import type { Endpoint, NodeId } from '@welkin/interface'
import type { Place } from './places.ts'
import type { NameEntry } from './records.ts'

/** What entries stand for, as whoever asks may use it; what is on nodes that are down is left out. */
export function endpointsOf (entries: readonly NameEntry[], places: ReadonlyMap<NodeId, Place>): Endpoint[] {
  const seen = new Set<string>()
  return entries.flatMap(({ object, blob, node, ports }) => {
    const place = node === undefined ? undefined : places.get(node)
    const what = `${object} ${blob} ${node}`
    if (place?.isDown === true || seen.has(what)) return []
    seen.add(what)
    const { name: nodeName, addresses = [], rttMs } = place ?? {}
    return [{ object, blob, node, nodeName, addresses, ports, rttMs }]
  })
}
