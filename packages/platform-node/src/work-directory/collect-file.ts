import { type FileHandle, constants, open, realpath } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { CloudError } from '@welkin/interface'
import { asCloudError } from '../faults.ts'
import { checkFilePath, checkInside } from './work-files.ts'

const PIECE_BYTES = 256 * 1024
const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants

/**
 * The content of a file that a task wrote. Rejects ENOENT, and EINVAL for what is not a regular file or stands outside
 * of the working directory, however it is linked, and also when the task changes its directories meanwhile.
 */
export async function * collectFile (workDirectory: string, path: string): AsyncGenerator<Uint8Array> {
  checkFilePath(path)
  const file = await openInside(workDirectory, path)
  try {
    for (;;) {
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(PIECE_BYTES), 0, PIECE_BYTES)
      if (bytesRead === 0) return
      yield buffer.subarray(0, bytesRead)
    }
  } finally {
    await file.close()
  }
}

async function openInside (workDirectory: string, path: string): Promise<FileHandle> {
  try {
    await checkInside(workDirectory, join(workDirectory, path), path)
    const file = await open(join(workDirectory, path), O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    try {
      await checkOpened(file, workDirectory, path)
      return file
    } catch (error) {
      await file.close()
      throw error
    }
  } catch (error) {
    throw asCloudError(error, `"${path}" could not be collected`)
  }
}

async function checkOpened (file: FileHandle, workDirectory: string, path: string): Promise<void> {
  if (!(await file.stat()).isFile()) {
    throw new CloudError('EINVAL', `"${path}" is not a regular file; name one that the task wrote.`)
  }
  if (process.platform !== 'linux') return // elsewhere an open file does not tell where it stands
  const [root, real] = await Promise.all([realpath(workDirectory), realpath(`/proc/self/fd/${file.fd}`)])
  if (!real.startsWith(root + sep)) throw new CloudError('EINVAL', `"${path}" leads out of the working directory.`)
}
