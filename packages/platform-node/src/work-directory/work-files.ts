import { chmod, constants, copyFile, lstat, mkdir, realpath, rm, writeFile } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { CloudError, type TaskFile } from '@welkin/interface'
import { asCloudError, systemCode } from '../faults.ts'

const DATA_MODE = 0o644
const PROGRAM_MODE = 0o755

/** Throws EINVAL for a path that is not strictly below the working directory. */
export function checkFilePath (path: string): void {
  const parts = path.split('/')
  if (!path.includes('\0') && parts.every(part => part !== '' && part !== '.' && part !== '..')) return
  throw new CloudError('EINVAL', `"${path}" is not a path below the working directory; give one like "data/in.csv".`)
}

/**
 * Puts a file into the working directory; what stands there already is replaced or, with `keep`, left as it is. Rejects
 * EINVAL, ENOSPC, EACCES, EIO, or as the file's own `open` does, with no part of it left.
 */
export async function putFile (workDirectory: string, file: TaskFile, { keep }: { keep: boolean }): Promise<void> {
  const path = join(workDirectory, file.path)
  try {
    await makeParents(workDirectory, file.path)
    if (await kindOf(path) !== 'nothing') {
      if (keep) return
      await rm(path, { recursive: true })
    }
  } catch (error) {
    throw asCloudError(error, `"${file.path}" could not be put into the working directory`)
  }
  try {
    await putContent(file, path)
  } catch (error) {
    await rm(path, { force: true })
    throw asCloudError(error, `"${file.path}" could not be put into the working directory`)
  }
}

// One by one, since an earlier attempt of the task may have put a link in place of a directory.
async function makeParents (workDirectory: string, path: string): Promise<void> {
  let parent = workDirectory
  for (const part of path.split('/').slice(0, -1)) {
    parent = join(parent, part)
    const kind = await kindOf(parent)
    if (kind === 'nothing') await mkdir(parent)
    else if (kind === 'other') throw new CloudError('EINVAL', `"${path}" has no place: ${parent} is not a directory.`)
  }
}

async function kindOf (path: string): Promise<'nothing' | 'directory' | 'other'> {
  try {
    return (await lstat(path)).isDirectory() ? 'directory' : 'other'
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return 'nothing'
    throw error
  }
}

async function putContent (file: TaskFile, path: string): Promise<void> {
  if (await putLocal(file, path)) return
  await writeFile(path, file.open(), { flag: 'wx' })
  await chmod(path, modeOf(file))
}

/** Throws EINVAL where a link leads out of the working directory. */
export async function checkInside (workDirectory: string, path: string, name: string): Promise<void> {
  const [root, real] = await Promise.all([realpath(workDirectory), realpath(path)])
  if (real === root || real.startsWith(root + sep)) return
  throw new CloudError('EINVAL', `"${name}" leads out of the working directory.`)
}

/**
 * Copies from this machine's own file; false: it is not there (any more). Where the file system can, a copy shares
 * blocks until one is written. A link would share the file, which a task could write to as soon as it changes its mode.
 */
async function putLocal (file: TaskFile, path: string): Promise<boolean> {
  const { localPath } = file
  if (localPath === undefined) return false
  try {
    await copyFile(localPath, path, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
    await chmod(path, modeOf(file))
    return true
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false
    throw error
  }
}

function modeOf ({ executable }: TaskFile): number {
  return executable ? PROGRAM_MODE : DATA_MODE
}
