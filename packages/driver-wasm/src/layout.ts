import { join } from 'node:path'
import { CloudError, type ObjectId } from '@welkin/interface'

const OBJECT_ID = /^[0-9a-f]{32}$/

/** Everything that is kept of one object. Throws EINVAL for what is not an object's id, since it becomes a path. */
export function taskDirectory (directory: string, id: ObjectId): string {
  if (OBJECT_ID.test(id)) return join(directory, 'tasks', id)
  throw new CloudError('EINVAL', `"${id}" is not an object's id; give 32 hexadecimal digits.`)
}

/** What the object's programs find at their root. */
export function workDirectory (directory: string, id: ObjectId): string {
  return join(taskDirectory(directory, id), 'work')
}
