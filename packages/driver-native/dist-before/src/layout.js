import { join } from 'node:path';
import { CloudError } from '@welkin/interface';
const OBJECT_ID = /^[0-9a-f]{32}$/;
const SEGMENT = /^(stdout|stderr)\.(\d+)$/;
/** Everything that is kept of one object. Throws EINVAL for what is not an object's id, since it becomes a path. */
export function taskDirectory(directory, id) {
    if (OBJECT_ID.test(id))
        return join(directory, 'tasks', id);
    throw new CloudError('EINVAL', `"${id}" is not an object's id; give 32 hexadecimal digits.`);
}
/** Where the object's programs run. */
export function workDirectory(directory, id) {
    return join(taskDirectory(directory, id), 'work');
}
export function segmentPath(directory, stream, offset) {
    return join(directory, `${stream}.${offset}`);
}
/** The segments among the file names of a task's directory, oldest first. */
export function segmentsAmong(names, directory, stream) {
    return names
        .map(name => SEGMENT.exec(name))
        .filter(match => match?.[1] === stream)
        .map(match => ({ stream, offset: Number(match?.[2]), path: join(directory, match?.[0]) }))
        .toSorted((a, b) => a.offset - b.offset);
}
//# sourceMappingURL=layout.js.map