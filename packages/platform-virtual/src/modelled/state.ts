import { CloudError, type BlobId, type TaskSpec } from '@welkin/interface'
import { ModelledMemory } from './memory.ts'
import type { Progress } from './process.ts'
import type { Program } from './program.ts'

interface Header { progress: Progress, files: Map<string, Uint8Array> }

const NUMBERS = ['ranMs', 'pieces', 'counted'] as const

export function encodeHeader ({ progress, files }: Header): Uint8Array {
  const texts = [...files].map(([path, content]) => [path, Buffer.from(content).toString('base64')])
  return new TextEncoder().encode(JSON.stringify({ progress, files: texts }))
}

/** Throws EINVAL for what no process of this program can have written. */
export function decodeHeader (header: Uint8Array, { argv }: Pick<TaskSpec, 'argv'>): Header {
  try {
    const { progress, files } = JSON.parse(new TextDecoder().decode(header)) as {
      progress: Progress, files: Array<[string, string]>
    }
    if (typeof progress.of !== 'string') throw new RangeError('no object')
    if (!NUMBERS.every(key => Number.isFinite(progress[key]) && progress[key] >= 0)) throw new RangeError('a number')
    const contents = files.map(([path, text]): [string, Uint8Array] => [path, Buffer.from(text, 'base64')])
    return { progress, files: new Map(contents) }
  } catch (error) {
    throw new CloudError('EINVAL', `This is no state of ${argv[0]}.`, { cause: error })
  }
}

/** Which pages a process of this program has when it is so far. */
export function statePages (program: Program, { of, ranMs }: Progress): Array<BlobId | ''> {
  return new ModelledMemory(of, program, ranMs).pages()
}
