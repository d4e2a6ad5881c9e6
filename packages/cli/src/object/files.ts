import { createReadStream, createWriteStream, existsSync } from 'node:fs'
import { mkdir, rm, stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { CloudError, type BlobId, type ErrorCode, isErrorCode } from '@welkin/interface'
import type { Connection } from '@welkin/syscalls/connect'

const PIECE_BYTES = 256 * 1024

/** A file that goes with an object. */
export interface ObjectFile {
  path: string
  blob: BlobId
  executable: boolean
}

/**
 * Puts files on the asked node: `PATH`, or `PATH:NAME` where the object shall find it under another name. Checks all
 * before any is sent.
 */
export async function putFiles (cloud: Connection, specs: readonly string[]): Promise<ObjectFile[]> {
  const files = await Promise.all(specs.map(async spec => {
    const { path, name } = splitSpec(spec)
    return { path, name, executable: await isExecutable(path) }
  }))
  const put: ObjectFile[] = []
  for (const { path, name, executable } of files) {
    const { blob } = await putFile(cloud, path)
    put.push({ path: name, blob, executable })
  }
  return put
}

/** Rejects ENOENT, EACCES and the like for a file that cannot be read. */
export async function putFile (cloud: Connection, path: string): Promise<{ blob: BlobId, sizeBytes: number }> {
  return await cloud.syscalls.blob.put({}, { input: readPieces(path) })
}

/** Writes a blob to a file; what was begun and failed is removed. */
export async function fetchBlob (cloud: Connection, blob: BlobId, path: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true })
    await pipeline(cloud.syscalls.blob.get({ blob }), createWriteStream(path))
  } catch (error) {
    await rm(path, { force: true })
    throw fileFault(error, path)
  }
}

/** `PATH:NAME`, unless there is a file of just that name. */
export function splitSpec (spec: string): { path: string, name: string } {
  const at = spec.lastIndexOf(':')
  const whole = at <= 0 || at === spec.length - 1 || existsSync(spec)
  return whole ? { path: spec, name: basename(spec) } : { path: spec.slice(0, at), name: spec.slice(at + 1) }
}

async function isExecutable (path: string): Promise<boolean> {
  try {
    const found = await stat(path)
    if (!found.isFile()) throw new CloudError('EINVAL', `${path} is not a regular file; pack a folder with tar first.`)
    return (found.mode & 0o111) !== 0
  } catch (error) {
    throw fileFault(error, path)
  }
}

async function * readPieces (path: string): AsyncGenerator<Uint8Array> {
  try {
    yield * createReadStream(path, { highWaterMark: PIECE_BYTES })
  } catch (error) {
    throw fileFault(error, path)
  }
}

function fileFault (error: unknown, path: string): unknown {
  if (error instanceof CloudError || !(error instanceof Error)) return error
  const { code } = error as NodeJS.ErrnoException
  const known: ErrorCode = isErrorCode(code) ? code : 'EIO'
  return new CloudError(known, `${path} cannot be used: ${error.message}.`, { cause: error })
}
