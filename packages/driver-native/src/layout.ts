import { join } from 'node:path'
import { CloudError, type ObjectId, type OutputStream } from '@welkin/interface'

const OBJECT_ID = /^[0-9a-f]{32}$/
const SEGMENT = /^(stdout|stderr)\.(\d+)$/

export function tasksDirectory (directory: string): string {
  return join(directory, 'tasks')
}

/** Everything that is kept of one object. Throws EINVAL for what is not an object's id, since it becomes a path. */
export function taskDirectory (directory: string, id: ObjectId): string {
  if (OBJECT_ID.test(id)) return join(tasksDirectory(directory), id)
  throw new CloudError('EINVAL', `"${id}" is not an object's id; give 32 hexadecimal digits.`)
}

/** Where the object's programs run. */
export function workDirectory (directory: string, id: ObjectId): string {
  return join(taskDirectory(directory, id), 'work')
}

/** What the object's programs see as /tmp, where they are in a sandbox. */
export function temporaryDirectory (directory: string, id: ObjectId): string {
  return join(taskDirectory(directory, id), 'tmp')
}

/** Where states wait that came, or were given, until they are used. */
export function statesDirectory (directory: string): string {
  return join(directory, 'states')
}

/** A part of what an object wrote to one stream; its file is named after the place of its first byte in the whole. */
export interface Segment { stream: OutputStream, offset: number, path: string }

export function segmentPath (directory: string, stream: OutputStream, offset: number): string {
  return join(directory, `${stream}.${offset}`)
}

/** The segments among the file names of a task's directory, oldest first. */
export function segmentsAmong (names: readonly string[], directory: string, stream: OutputStream): Segment[] {
  return names
    .map(name => SEGMENT.exec(name))
    .filter(match => match?.[1] === stream)
    .map(match => ({ stream, offset: Number(match?.[2]), path: join(directory, match?.[0] as string) }))
    .toSorted((a, b) => a.offset - b.offset)
}
