import { isAbsolute, relative } from 'node:path'
import { CloudError, type BlobId, type GivenState } from '@welkin/interface'
import { collectFile } from '@welkin/platform-node/work-directory'

/** What a program gave as its state. Rejects EINVAL for nothing or what is not its own, ENOENT, EIO, ENOSPC. */
export async function * givenContent (
  { file, blob, bytes }: GivenState, workDirectory: string, readBlob: (blob: BlobId) => AsyncIterable<Uint8Array>
): AsyncGenerator<Uint8Array> {
  if (bytes !== undefined) yield bytes
  else if (blob !== undefined) yield * readBlob(blob)
  else if (file !== undefined) {
    yield * collectFile(workDirectory, isAbsolute(file) ? relative(workDirectory, file) : file)
  } else {
    const message = 'The program answered "checkpoint" without a state; it is to give bytes, a file or a blob.'
    throw new CloudError('EINVAL', message)
  }
}
