import type { NodeId } from '@welkin/interface'
import type { ArgsOf } from '@welkin/syscalls'
import type { ObjectRecord } from '../../residents.ts'
import type { MigrationPorts } from './ports.ts'

/** What a node is told of an object that may go on there, with what shows that it may act for it. */
export function recordFor (
  { access, objects, self }: Pick<MigrationPorts, 'access' | 'objects' | 'self'>, record: ObjectRecord, node: NodeId
): ArgsOf<'move.offer'>['record'] {
  const { id, cp, name, spec, spawnedAtMs, token, attempt, epoch = 0, rights, keepers, places = [], ports } = record
  const own = objects.rightsOf(id)
  return {
    id, cp, spec, spawnedAtMs, token, attempt, epoch: epoch + 1,
    chain: own === undefined ? [] : [...access.chainHandedOn(node, own)],
    ...name === undefined ? {} : { name }, ...ports === undefined ? {} : { ports },
    ...rights === undefined ? {} : { owner: rights.owner },
    ...keepers === undefined ? {} : { keepers: [...keepers], places: [...places, { node: self, epoch }].slice(-64) }
  }
}
