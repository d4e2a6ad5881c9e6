import { CloudError, isCloudError, type Driver, type Task, type TaskCapture } from '@welkin/interface'
import type { Resident } from '../../residents.ts'

/** How an object is taken up: while it runs, when it stands still, or not at all: it is started anew. */
export type Manner = 'live' | 'stop' | 'restart'

/** How it is moved; `mayRestart`: so says who moves it, where its spec does not. Rejects as `mannerOf` does. */
export function mannerOfMove (object: Resident, driver: Driver, mayRestart: boolean): Manner {
  return mannerOf(object, driver, mayRestart || object.record.spec.restart.elsewhere === true)
}

/** Rejects ESRCH (it does not run), ENOSYS with what to do (its state cannot be taken). */
export function mannerOf ({ record, task }: Resident, driver: Driver, mayRestart: boolean): Manner {
  const { id } = record
  if (task === undefined) {
    const message = `Object ${id} does not run now; "welkin stat ${id}" says why.`
    throw new CloudError('ESRCH', message, { fields: { object: id } })
  }
  const { checkpoint } = driver.abilities
  if (checkpoint !== 'none' && task.capture !== undefined && task.immovable === undefined) return checkpoint
  if (mayRestart) return 'restart'
  throw cannot(id, task.immovable ?? `driver ${driver.name} does not take up what it runs`)
}

/** The state of a task. Rejects ENOSYS with what to do. */
export async function capture (task: Task, stop: boolean): Promise<TaskCapture> {
  try {
    return await (task as Required<Task>).capture({ stop })
  } catch (error) {
    if (isCloudError(error, 'ENOSYS')) throw cannot(task.id, error.message)
    throw error
  }
}

function cannot (id: string, why: string): CloudError {
  const message = `The state of object ${id} cannot be taken: ${why}. ` +
    'Without it, it moves only where it may start anew there (--restart-elsewhere of mv, drain or run).'
  return new CloudError('ENOSYS', message, { fields: { object: id } })
}
