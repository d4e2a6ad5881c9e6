import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { throwIfAborted, type AbortOptions } from '@welkin/interface'
import { readListed, reasonOf, type ListedFile, type Omissions } from './files.ts'

const TURN_MS = 20

/** The SHA-256 of each file, by this process alone; what can no longer be read as it was is left out and noted. */
export async function digestFiles (
  folder: string, files: readonly ListedFile[], omissions: Omissions, { signal }: AbortOptions = {}
): Promise<Map<string, string>> {
  const sums = new Map<string, string>()
  let turnMs = performance.now()
  for (const file of files) {
    try {
      sums.set(file.path, digest(folder, file))
    } catch (error) {
      omissions.set(file.path, reasonOf(error))
    }
    if (performance.now() - turnMs < TURN_MS) continue
    // Ctrl-C and the progress bar want their turn.
    await setImmediate()
    throwIfAborted(signal)
    turnMs = performance.now()
  }
  return sums
}

function digest (folder: string, file: ListedFile): string {
  const hash = createHash('sha256')
  for (const piece of readListed(folder, file)) hash.update(piece)
  return hash.digest('hex')
}
