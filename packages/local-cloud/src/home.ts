import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/** Where this user's clouds are kept. */
export interface Home {
  /** The data directory of `welkin up`. */
  readonly node: string
  /** Of `welkin login --at`, on a machine that is no node. */
  readonly outside: string
  /** Has a folder for each local cloud. */
  readonly local: string
}

/** `$WELKIN_HOME`, or `~/.welkin`. */
export function welkinHome (): Home {
  const chosen = process.env['WELKIN_HOME'] ?? ''
  const root = chosen === '' ? join(homedir(), '.welkin') : resolve(chosen)
  return { node: join(root, 'node'), outside: join(root, 'outside'), local: join(root, 'local') }
}
