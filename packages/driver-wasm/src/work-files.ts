import { chmod, constants, copyFile, lstat, mkdir, open, realpath, rm, writeFile } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import { CloudError, type TaskFile } from '@welkin/interface'
import { asCloudError } from './faults.ts'

const PIECE_BYTES = 256 * 1024
const { COPYFILE_FICLONE, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants

/** Throws EINVAL for a path that is not strictly below the working directory. */
export function checkFilePath (path: string): void {
  const parts = path.split('/')
  if (!path.includes('\0') && parts.every(part => part !== '' && part !== '.' && part !== '..')) return
  throw new CloudError('EINVAL', `"${path}" is not a path below the working directory; give one like "data/in.csv".`)
}

/**
 * Puts a file into the working directory, where no program runs yet; `keep`: unless one of its name is there. Rejects
 * EINVAL, ENOSPC, EACCES, EIO, or as the file's own `open` does.
 */
export async function putFile (workDirectory: string, file: TaskFile, { keep }: { keep: boolean }): Promise<void> {
  const path = join(workDirectory, file.path)
  try {
    await mkdir(dirname(path), { recursive: true })
    await checkInside(workDirectory, dirname(path), file.path)
    if (keep && await isThere(path)) return
    await rm(path, { recursive: true, force: true })
    if (file.localPath === undefined || !await copied(file.localPath, path)) await writeFile(path, file.open())
    await chmod(path, file.executable ? 0o755 : 0o644)
  } catch (error) {
    throw asCloudError(error, `"${file.path}" could not be put into the working directory`)
  }
}

/** The content of a file that an ended task left. Rejects ENOENT, and EINVAL for what is no regular file or outside. */
export async function * collectFile (workDirectory: string, path: string): AsyncGenerator<Uint8Array> {
  checkFilePath(path)
  try {
    await checkInside(workDirectory, dirname(join(workDirectory, path)), path)
    const file = await open(join(workDirectory, path), O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    try {
      if (!(await file.stat()).isFile()) throw new CloudError('EINVAL', `"${path}" is not a regular file.`)
      for (;;) {
        const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(PIECE_BYTES), 0, PIECE_BYTES)
        if (bytesRead === 0) return
        yield buffer.subarray(0, bytesRead)
      }
    } finally {
      await file.close()
    }
  } catch (error) {
    throw asCloudError(error, `"${path}" could not be collected`)
  }
}

async function checkInside (workDirectory: string, directory: string, name: string): Promise<void> {
  const [root, real] = await Promise.all([realpath(workDirectory), realpath(directory)])
  if (real === root || real.startsWith(root + sep)) return
  throw new CloudError('EINVAL', `"${name}" leads out of the working directory.`)
}

async function isThere (path: string): Promise<boolean> {
  return await lstat(path).then(() => true, () => false)
}

/** False: it is not there any more. */
async function copied (from: string, to: string): Promise<boolean> {
  try {
    await copyFile(from, to, COPYFILE_FICLONE)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}
