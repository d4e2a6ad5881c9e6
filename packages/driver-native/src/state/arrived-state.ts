import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { PAGE_BYTES, type BlobId, type TaskFile, type TaskState } from '@welkin/interface'
import { asCloudError } from '@welkin/platform-node/faults'
import { foreign, readHeader } from './header.ts'

/** Where in its directory a program finds the state that it is to go on from. */
export const STATE_FILE = '.welkin-restore'

const ZEROS = Buffer.alloc(PAGE_BYTES)

/** A state that came, whole and checked, and the program that goes on from it has not begun. */
export interface ArrivedState {
  file: TaskFile
  /** It was used, or never will be. */
  remove (): Promise<void>
}

/** Rejects EINVAL for what is no whole state, ENOSPC, and as `read` does, with nothing left. */
export async function arrivedState (
  state: TaskState, directory: string, read: (page: BlobId) => Promise<Uint8Array>
): Promise<ArrivedState> {
  const { bytes, sha256 } = readHeader(state)
  const path = join(directory, randomUUID())
  const remove = async (): Promise<void> => { await rm(path, { force: true }) }
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    const file = await open(path, 'wx', 0o600)
    try {
      const whole = createHash('sha256')
      for (const [place, page] of state.pages.entries()) {
        const content = page === '' ? ZEROS : await read(page)
        const part = content.subarray(0, bytes - place * PAGE_BYTES)
        whole.update(part)
        await file.appendFile(part)
      }
      if (whole.digest('hex') !== sha256) throw foreign('its pages are those of another state')
    } finally {
      await file.close()
    }
  } catch (error) {
    await remove()
    throw asCloudError(error, 'The state of the program could not be kept')
  }
  return {
    file: {
      path: STATE_FILE, executable: false, localPath: path,
      async * open () { yield * createReadStream(path) as AsyncIterable<Uint8Array> }
    },
    remove
  }
}
