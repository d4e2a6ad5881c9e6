import type { ObjectInfo } from '@welkin/syscalls'
import { stateOf, type NodeRow } from '../node/rows.ts'
import { sortNodes } from '../node/sort.ts'
import { labelOf, sortObjects } from '../object/sort.ts'
import { formatArgv } from '../print/words.ts'
import type { View } from './view.ts'

/** The cloud at one moment, as far as it was looked at. */
export interface Picture {
  nodes: readonly NodeRow[]
  /** With what they use, where that was asked; none while nobody looks at them. */
  objects: readonly ObjectInfo[]
  /** There are more objects than these. */
  moreObjects: boolean
  /** Sites and nodes that did not answer. */
  silent: readonly string[]
  atMs: number
}

/** The nodes that the view shows, in its order. */
export function nodesIn ({ nodes }: Picture, { filter, orders, reversed }: View): NodeRow[] {
  const isShown = filterFor(filter)
  const rows = nodes.filter(({ node }) => isShown([node.name, node.zone, stateOf(node), node.id]))
  return sortNodes(rows, orders.nodes, reversed)
}

/** The objects that the view shows, in its order. */
export function objectsIn ({ objects }: Pick<Picture, 'objects'>, view: View): ObjectInfo[] {
  const isShown = filterFor(view.filter)
  const rows = objects.filter(object => {
    const { id, nodeName, spec, state, zone } = object
    return isShown([labelOf(object), id, nodeName, zone, state, formatArgv(spec.program.argv)])
  })
  return sortObjects(rows, view.orders.objects, view.reversed)
}

/** How many rows the view has. */
export function countIn (picture: Picture, view: View): number {
  return view.subject === 'nodes' ? nodesIn(picture, view).length : objectsIn(picture, view).length
}

function filterFor (filter: string): (texts: readonly string[]) => boolean {
  const wanted = filter.toLowerCase()
  return texts => texts.some(text => text.toLowerCase().includes(wanted))
}
