import { randomBytes } from 'node:crypto'
import { link, mkdir, open, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { CloudError } from '@welkin/interface'
import { diskErrorOf, isErrno } from './disk/faults.ts'
import { syncDirectory } from './disk/sync.ts'
import { SEED_BYTES } from './keys.ts'

const FORM = /^[0-9a-f]{64}\n$/

/**
 * The secret of 32 bytes in the file `key` of a directory, in hexadecimal; makes both where they are missing, for their
 * owner's eyes only. Rejects EACCES for a key that others can read, EIO for a file that holds something else.
 */
export async function loadSeed (directory: string): Promise<Uint8Array> {
  const path = join(directory, 'key')
  try {
    return await readSeed(path)
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw diskErrorOf(error, `The key ${path} cannot be read`)
  }
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    await createSeed(directory, path)
    return await readSeed(path)
  } catch (error) {
    throw diskErrorOf(error, `The key ${path} cannot be made`)
  }
}

async function readSeed (path: string): Promise<Uint8Array> {
  const text = await readFile(path, 'utf8')
  const { mode } = await stat(path)
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    throw new CloudError('EACCES', `Others can read the key ${path}; run "chmod 600 ${path}".`)
  }
  if (!FORM.test(text)) {
    throw new CloudError('EIO', `${path} holds no key; restore it, or remove it to give this node a new identity.`)
  }
  return Buffer.from(text.trim(), 'hex')
}

// The key gets its name only when it is whole, and never replaces one that somebody else made meanwhile.
async function createSeed (directory: string, path: string): Promise<void> {
  const draft = `${path}.${randomBytes(8).toString('hex')}`
  const file = await open(draft, 'wx', 0o600)
  try {
    await file.writeFile(`${randomBytes(SEED_BYTES).toString('hex')}\n`)
    await file.sync()
    await link(draft, path)
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error
  } finally {
    await file.close()
    await rm(draft, { force: true })
  }
  await syncDirectory(directory)
}
