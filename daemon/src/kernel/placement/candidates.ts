import type { NodeQuery, ObjectSpec } from '@welkin/abi'
import { siteOf, type NodeId, type NodeView } from '@welkin/interface'
import { fullness } from '@welkin/query'
import type { Candidate } from './allocate.ts'

/** Of the nodes that are found in no order so many are compared for each object. */
const CHOICES = 8
/** More than any crowding. */
const UNCHOSEN = 1e9

/** A node that was found, in the order of the query; `cost` is what it orders by, where that is a cost. */
export interface FoundNode { node: NodeView, cost: number | undefined }

export interface CandidateContext {
  query: NodeQuery
  spec: Pick<ObjectSpec, 'limits'>
  /** Objects that are to be given out. */
  count: number
  /** Objects placed there since it last spoke. */
  recent: (node: NodeView) => number
  /** How many more it said it takes, where it refused; undefined: it did not. */
  refusedRoom: (node: NodeId) => number | undefined
  /** Nodes that are not known to be full may have room by now: to be tried before giving up. */
  hopeful: boolean
}

/**
 * What can be given to whom: by what nodes have told, and what was placed on them since. Where no order is asked for,
 * nodes come in that of chance, and the least crowded of the first few is best: the least crowded of all would be the
 * same one for all who place at a time (Mitzenmacher, The Power of Two Choices, 2001).
 */
export function candidatesOf (found: readonly FoundNode[], context: CandidateContext): Candidate[] {
  const { order, spread } = context.query
  const choices = context.hopeful ? found.length : CHOICES * context.count
  return found.map(({ node, cost }, rank): Candidate => {
    const recent = context.recent(node)
    return {
      id: node.id,
      group: groupOf(node, spread),
      room: roomOn(node, recent, context),
      costWith: order === undefined
        ? given => crowding(node, recent + given) + (rank < choices ? 0 : UNCHOSEN)
        : cost === undefined ? () => rank : costWhenFuller(node, cost, recent, context)
    }
  })
}

function groupOf ({ id, zone }: NodeView, spread: NodeQuery['spread']): string {
  if (spread === undefined) return ''
  if (spread === 'node') return id
  return spread === 'rack' ? zone : siteOf(zone)
}

function roomOn (node: NodeView, recent: number, { spec, refusedRoom, hopeful }: CandidateContext): number {
  const refused = refusedRoom(node.id)
  if (refused !== undefined) return refused
  if (hopeful) return Number.POSITIVE_INFINITY
  const { cpu = 0, memoryBytes = 0 } = spec.limits
  const { load, machine } = node
  const rooms = [load.objectsMax - load.objects]
  if (cpu > 0) rooms.push(Math.floor((machine.cpuCount - load.cpuPromised) / cpu + 1e-9))
  if (memoryBytes > 0) rooms.push(Math.floor((machine.memoryBytes - load.memoryPromisedBytes) / memoryBytes))
  return Math.min(...rooms) - recent
}

/** Objects for each CPU: without any wish, they go where they are fewest. */
function crowding ({ load, machine }: NodeView, more: number): number {
  return (load.objects + more) / Math.max(1, machine.cpuCount)
}

/** A node costs more the more it is given, by as much as its load weighs. */
function costWhenFuller (
  node: NodeView, cost: number, recent: number, { query: { order }, spec }: CandidateContext
): (given: number) => number {
  const weight = order?.by === 'cost' ? order.weights?.load ?? (order.weights === undefined ? 1 : 0) : 0
  const { cpu = 0, memoryBytes = 0 } = spec.limits
  const { load, machine } = node
  const now = fullness(node)
  return given => {
    const count = recent + given
    const fuller = Math.max(
      (load.objects + count) / Math.max(1, load.objectsMax),
      (load.cpuPromised + cpu * count) / Math.max(1, machine.cpuCount),
      (load.memoryPromisedBytes + memoryBytes * count) / Math.max(1, machine.memoryBytes))
    return cost + weight * Math.max(0, fuller - now)
  }
}
