import { mkdir, rmdir } from 'node:fs/promises'

/** Makes the folder if there is none; when `work` is over, one that was made and is empty goes again. */
export async function withFolder<T> (directory: string, work: () => Promise<T>): Promise<T> {
  const made = await mkdir(directory, { recursive: true, mode: 0o700 }) !== undefined
  try {
    return await work()
  } finally {
    if (made) await removeIfEmpty(directory)
  }
}

/** Removes the folder if nothing is in it; one that is gone is no error. */
export async function removeIfEmpty (directory: string): Promise<void> {
  try {
    await rmdir(directory)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // POSIX has two codes for a folder that is not empty.
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST' && code !== 'ENOENT') throw error
  }
}
