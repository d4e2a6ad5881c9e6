import { chmod, constants, copyFile, link, lstat, mkdir, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { CloudError } from '@welkin/interface';
import { asCloudError, systemCode } from './faults.js';
const DATA_MODE = 0o644;
const PROGRAM_MODE = 0o755;
const ANY_WRITE = 0o222;
/** Throws EINVAL for a path that is not strictly below the working directory. */
export function checkFilePath(path) {
    const parts = path.split('/');
    if (!path.includes('\0') && parts.every(part => part !== '' && part !== '.' && part !== '..'))
        return;
    throw new CloudError('EINVAL', `"${path}" is not a path below the working directory; give one like "data/in.csv".`);
}
/**
 * Puts a file into the working directory; what stands there already is replaced or, with `keep`, left as it is. Rejects
 * EINVAL, ENOSPC, EACCES, EIO, or as the file's own `open` does, with no part of it left.
 */
export async function putFile(workDirectory, file, { keep }) {
    const path = join(workDirectory, file.path);
    try {
        await makeParents(workDirectory, file.path);
        if (await kindOf(path) !== 'nothing') {
            if (keep)
                return;
            await rm(path, { recursive: true });
        }
    }
    catch (error) {
        throw asCloudError(error, `"${file.path}" could not be put into the working directory`);
    }
    try {
        await putContent(file, path);
    }
    catch (error) {
        await rm(path, { force: true });
        throw asCloudError(error, `"${file.path}" could not be put into the working directory`);
    }
}
// One by one, since an earlier attempt of the task may have put a link in place of a directory.
async function makeParents(workDirectory, path) {
    let parent = workDirectory;
    for (const part of path.split('/').slice(0, -1)) {
        parent = join(parent, part);
        const kind = await kindOf(parent);
        if (kind === 'nothing')
            await mkdir(parent);
        else if (kind === 'other')
            throw new CloudError('EINVAL', `"${path}" has no place: ${parent} is not a directory.`);
    }
}
async function kindOf(path) {
    try {
        return (await lstat(path)).isDirectory() ? 'directory' : 'other';
    }
    catch (error) {
        if (systemCode(error) === 'ENOENT')
            return 'nothing';
        throw error;
    }
}
async function putContent(file, path) {
    if (await putLocal(file, path))
        return;
    await writeFile(path, file.open(), { flag: 'wx' });
    await chmod(path, modeOf(file));
}
/** Throws EINVAL where a link leads out of the working directory. */
export async function checkInside(workDirectory, path, name) {
    const [root, real] = await Promise.all([realpath(workDirectory), realpath(path)]);
    if (real === root || real.startsWith(root + sep))
        return;
    throw new CloudError('EINVAL', `"${name}" leads out of the working directory.`);
}
/**
 * Links or copies from this machine's own file; false: it is not there (any more). A link shares the content, so it is
 * made only where the task cannot write through it: the file is read-only, and this is not the superuser, whom modes do
 * not hold. Programs are copied since the bit that makes them programs would be shared, too. Where the file system can,
 * a copy shares blocks until one is written.
 */
async function putLocal(file, path) {
    const { localPath } = file;
    if (localPath === undefined)
        return false;
    try {
        if (!file.executable && await isProtected(localPath) && await tryLink(localPath, path))
            return true;
        await copyFile(localPath, path, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
        await chmod(path, modeOf(file));
        return true;
    }
    catch (error) {
        if (systemCode(error) === 'ENOENT')
            return false;
        throw error;
    }
}
async function isProtected(path) {
    return process.geteuid?.() !== 0 && ((await stat(path)).mode & ANY_WRITE) === 0;
}
// Another file system, too many links, or one that this user may not link to: then it is copied.
async function tryLink(from, to) {
    try {
        await link(from, to);
        return true;
    }
    catch (error) {
        if (['EXDEV', 'EMLINK', 'EPERM', 'EACCES', 'ENOTSUP'].includes(systemCode(error) ?? ''))
            return false;
        throw error;
    }
}
function modeOf({ executable }) {
    return executable ? PROGRAM_MODE : DATA_MODE;
}
//# sourceMappingURL=work-files.js.map