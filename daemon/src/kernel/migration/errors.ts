import { CloudError, type NodeId, type ObjectId, type Task } from '@welkin/interface'
import type { Resident } from '../../residents.ts'

/** Throws ESRCH. */
export function taskOf ({ record: { id }, task }: Resident): Task {
  if (task !== undefined) return task
  throw new CloudError('ESRCH', `Object ${id} has ended, or is about to start again.`, { fields: { object: id } })
}

/** Why an object cannot go for now. */
export function notUnderWay ({ record: { arrival, id }, task }: Resident): CloudError {
  const why = task === undefined
    ? `does not run yet; "welkin stat ${id}" says why. Move it when it does.`
    : arrival === undefined
      ? 'stands still for another move; wait for the end of that.'
      : `has just come, and node ${arrival.source}, where it was, does not know yet; move it when that answers.`
  return new CloudError('EAGAIN', `Object ${id} ${why}`, { fields: { object: id } })
}

export function stale (id: ObjectId): CloudError {
  const message = `That move of object ${id} is over, or was given up; begin another.`
  return new CloudError('ESTALE', message, { fields: { object: id } })
}

export function stayed (id: ObjectId, target: NodeId): CloudError {
  const message = `Node ${target} has lost what had come of object ${id}, which goes on where it was; try again.`
  return new CloudError('ECONNRESET', message, { fields: { object: id, node: target } })
}

export function tooFast (id: ObjectId): CloudError {
  const message = `Object ${id} writes to its memory faster than it can be copied; let it stand still for longer, or ` +
    'leave out --give-up.'
  return new CloudError('EAGAIN', message, { fields: { object: id } })
}
