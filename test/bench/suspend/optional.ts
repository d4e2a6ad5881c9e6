import { createRequire } from 'node:module'
import { readFile } from 'node:fs/promises'

const require = createRequire(import.meta.url)

/** A package that no bench depends on; undefined: it is not installed here. */
export async function optional (name: string): Promise<Record<string, unknown> | undefined> {
  try {
    return await import(name) as Record<string, unknown>
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') return undefined
    throw error
  }
}

/** A file of such a package. */
export async function fileOf (path: string): Promise<Uint8Array> {
  return await readFile(require.resolve(path))
}
