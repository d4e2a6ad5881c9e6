import type { CloudProcessId, NodeId, ObjectId, Zone } from '@welkin/interface'
import type { ObjectInfo } from '@welkin/syscalls'
import type { Cloud } from '../cloud.ts'

/** What was asked for, and what the cloud said. */
export interface Promised {
  /** Objects that the cloud has acknowledged. */
  acknowledged: ReadonlyMap<ObjectId, { restarts: boolean }>
  /** Cloud processes of whose objects nobody knows whether they exist: the answer did not come. */
  unanswered: ReadonlySet<CloudProcessId>
}

export interface Account {
  exited: number
  lost: number
  restarted: number
  /** How many objects went to each zone. */
  places: Map<Zone, number>
}

/**
 * Asks the cloud, through one of its nodes, for all objects, and accounts for each that it had acknowledged: it is on
 * one node, it has ended, and if it is lost then on a machine that lost power, and nobody had asked for a restart. What
 * exists besides must be of a call whose answer did not come.
 */
export async function account (
  cloud: Cloud, { acknowledged, unanswered }: Promised, darkened: ReadonlySet<NodeId>,
  fault: (what: string) => void
): Promise<Account> {
  const found = await listAll(cloud, fault)
  const result: Account = { exited: 0, lost: 0, restarted: 0, places: new Map() }
  for (const [id, { restarts }] of acknowledged) {
    const copies = found.get(id) ?? []
    const [object] = copies
    if (object === undefined) fault(`object ${id} was acknowledged and is nowhere`)
    else if (copies.length > 1) fault(`object ${id} is on ${copies.map(({ nodeName }) => nodeName).join(' and ')}`)
    else if (object.state !== 'ended') fault(`object ${id} on ${object.nodeName} has not ended: ${object.state}`)
    else if (object.exit?.kind === 'exited' && object.exit.code === 0) result.exited++
    else if (object.exit?.kind === 'lost' && darkened.has(object.nodeName) && !restarts) result.lost++
    else fault(`object ${id} on ${object.nodeName} ended as ${JSON.stringify(object.exit)}`)
    if (object === undefined) continue
    if (object.attempt > 0) result.restarted++
    result.places.set(object.zone, (result.places.get(object.zone) ?? 0) + 1)
  }
  for (const [id, [object]] of found) {
    if (object === undefined || acknowledged.has(id) || unanswered.has(object.cp)) continue
    fault(`object ${id} on ${object.nodeName} exists, and nobody was told of it`)
  }
  return result
}

async function listAll (cloud: Cloud, fault: (what: string) => void): Promise<Map<string, ObjectInfo[]>> {
  const found = new Map<string, ObjectInfo[]>()
  const [asked] = cloud.running() as [NodeId]
  let after: string | undefined
  do {
    const { objects, next, silent } = await cloud.syscalls(asked).list({
      ended: true, limit: 1000, ...after === undefined ? {} : { after }
    })
    if (silent.length > 0) fault(`nodes did not answer: ${silent.join(', ')}`)
    for (const object of objects) found.set(object.id, [...found.get(object.id) ?? [], object])
    after = next
  } while (after !== undefined)
  return found
}
