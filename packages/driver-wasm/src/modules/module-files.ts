import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Another one whenever modules are made suspendable in another way. */
const VERSION = 2
const BYTES_MAX = 512 * 1024 * 1024

/** `module` is left out where it runs as it was given, for these reasons. */
export interface KeptModule { readonly module: Uint8Array | undefined, readonly reasons: readonly string[] }

/**
 * Modules that were made suspendable, by what they were made from, the latest used; a machine that has no room keeps
 * none.
 */
export class ModuleFiles {
  readonly #directory: string
  readonly #bytesMax: number

  constructor (directory: string, bytesMax = BYTES_MAX) {
    this.#directory = directory
    this.#bytesMax = bytesMax
  }

  get (name: string): KeptModule | undefined {
    const path = this.#path(name)
    try {
      const bytes = readFileSync(path)
      const now = new Date()
      utimesSync(path, now, now)
      if (bytes[0] === 0) return { module: bytes, reasons: [] } // the first byte of every module
      return { module: undefined, reasons: JSON.parse(`${bytes}`) as string[] }
    } catch {
      return undefined
    }
  }

  put (name: string, { module, reasons }: KeptModule): void {
    const path = this.#path(name)
    const draft = `${path}.${process.pid}.draft`
    try {
      mkdirSync(this.#directory, { recursive: true, mode: 0o700 })
      writeFileSync(draft, module ?? JSON.stringify(reasons), { mode: 0o600 })
      renameSync(draft, path)
      this.#makeRoom()
    } catch {
      rmSync(draft, { force: true })
    }
  }

  #path (name: string): string {
    return join(this.#directory, `${name}.v${VERSION}`)
  }

  #makeRoom (): void {
    const files = readdirSync(this.#directory).map(name => {
      const path = join(this.#directory, name)
      const { size, mtimeMs } = statSync(path)
      return { path, size, mtimeMs }
    }).toSorted((one, other) => other.mtimeMs - one.mtimeMs)
    let total = 0
    for (const { path, size } of files) {
      total += size
      if (total > this.#bytesMax) rmSync(path, { force: true })
    }
  }
}
