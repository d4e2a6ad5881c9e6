import type { Syscalls } from '@welkin/abi'

/** All that a module gets of the world. */
export interface BuiltinContext {
  syscalls: Syscalls
  /** What follows the module's name in the spec. */
  args: readonly string[]
  env: Readonly<Record<string, string>>
  /** Aborted when the object is to end; a module that goes on is let go of after the grace time. */
  signal: AbortSignal
  stdout: (text: string | Uint8Array) => void
  stderr: (text: string | Uint8Array) => void
}

/**
 * A program that lives in the daemon. Resolves with its exit status (undefined: 0);
 * a rejection is status 1, told on stderr.
 */
export type BuiltinModule = (context: BuiltinContext) => Promise<number | undefined>
