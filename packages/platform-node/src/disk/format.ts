import { open, readdir, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { CloudError, type NodeId } from '@welkin/interface'
import { isErrno } from './faults.ts'
import { syncDirectory } from './sync.ts'

const MARKER = 'format'
const VERSION = 'welkin disk 1'

/**
 * Checks that the directory is a disk of this version and of this node, and marks an empty one as such.
 * Rejects ESTALE where it belongs to another, or to something else.
 */
export async function claimDirectory (directory: string, node: NodeId): Promise<void> {
  const mark = await readMark(join(directory, MARKER))
  if (mark === undefined) return await markDirectory(directory, node)
  const [version, owner] = mark.split('\n')
  if (version !== VERSION) {
    throw new CloudError('ESTALE', `${directory} was written by another version ("${version}"), and this one reads ` +
      `"${VERSION}"; start that version, or give this node another directory.`)
  }
  if (owner !== node) {
    throw new CloudError('ESTALE', `${directory} belongs to node ${owner}; give ${node} a directory of its own.`)
  }
}

async function readMark (path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined
    throw error
  }
}

async function markDirectory (directory: string, node: NodeId): Promise<void> {
  const draft = join(directory, `${MARKER}.draft`)
  const others = (await readdir(directory)).filter(name => name !== `${MARKER}.draft`)
  if (others.length > 0) {
    throw new CloudError('ESTALE', `${directory} holds something else (${others[0]}); give an empty directory.`)
  }
  const file = await open(draft, 'w')
  try {
    await file.writeFile(`${VERSION}\n${node}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(draft, join(directory, MARKER))
  await syncDirectory(directory)
}
