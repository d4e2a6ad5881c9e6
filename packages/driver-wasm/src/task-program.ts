import { readFile, stat } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import { collectBytes } from '@welkin/async'
import { CloudError, type TaskFile, type TaskSpec } from '@welkin/interface'
import { asCloudError } from '@welkin/platform-node/faults'
import { FILE_BYTES_ALL, MEMORY_PAGES_MAX } from './options.ts'
import { checkFilePath } from '@welkin/platform-node/work-directory'
import { PAGE_BYTES } from './state/page-bytes.ts'
import type { WorkerStart } from './worker/protocol.ts'

const MODULE_BYTES_MAX = 64 * 1024 * 1024

/** Throws EINVAL for what no program can be given. */
export function checkSpec ({ argv, env, files, limits, wasm }: TaskSpec): void {
  if (argv.length === 0 || argv[0] === '') throw new CloudError('EINVAL', 'There is no program to run; name one.')
  if ([...argv, ...Object.entries(env).flat()].some(text => text.includes('\0'))) {
    throw new CloudError('EINVAL', 'An argument or a variable holds a zero byte, which no program can be given.')
  }
  for (const { path } of files) checkFilePath(path)
  for (const [name, limit] of Object.entries(limits)) {
    if (limit === undefined || (Number.isFinite(limit) && limit > 0)) continue
    throw new CloudError('EINVAL', `The limit ${name} is ${limit}; give a number above 0, or none.`)
  }
  if (wasm?.fuel !== undefined && (wasm.snapshotPoints ?? 'anywhere') !== 'anywhere') {
    throw new CloudError('EINVAL', 'Only where a program can be taken up anywhere its fuel is counted.')
  }
}

export function environmentOf (env: Readonly<Record<string, string>>): string[] {
  return Object.entries({ LANG: 'C.UTF-8', HOME: '/', PWD: '/', ...env }).map(([name, value]) => `${name}=${value}`)
}

/** What a program is kept to. */
export function limitsOf ({ limits, wasm }: TaskSpec): WorkerStart['limits'] {
  const { fileBytes, files, memoryBytes = FILE_BYTES_ALL } = limits
  return { openFiles: files, fileBytes, fileBytesAll: Math.min(memoryBytes, FILE_BYTES_ALL), fuel: wasm?.fuel }
}

export function pagesMaxOf ({ limits: { memoryBytes } }: TaskSpec): number {
  return memoryBytes === undefined ? MEMORY_PAGES_MAX : Math.min(MEMORY_PAGES_MAX, Math.floor(memoryBytes / PAGE_BYTES))
}

/** The file of the spec that is its program. */
export function programFile ({ argv: [name], files }: TaskSpec): TaskFile | undefined {
  return files.find(({ path }) => path === name || `./${path}` === name)
}

/** The module that is to be run. Rejects ENOENT, EACCES, ENOEXEC, or as the file's own `open` does. */
export async function readProgram (spec: TaskSpec): Promise<Uint8Array> {
  const [name = ''] = spec.argv
  const file = programFile(spec)
  if (file === undefined && !isAbsolute(name)) {
    const advice = 'give it the module as a file, or a whole path'
    throw new CloudError('ENOENT', `"${name}" is none of the object's files; ${advice}.`)
  }
  try {
    if (file !== undefined && file.localPath === undefined) return await collectBytes(file.open(), MODULE_BYTES_MAX)
    const path = file?.localPath ?? name
    const found = await stat(path)
    if (!found.isFile()) throw new CloudError('ENOEXEC', `${name} is not a regular file.`)
    const { size } = found
    if (size > MODULE_BYTES_MAX) throw new CloudError('ENOEXEC', `${name} has more than ${MODULE_BYTES_MAX} bytes.`)
    return await readFile(path)
  } catch (error) {
    throw asCloudError(error, `The program ${name} could not be read`)
  }
}
