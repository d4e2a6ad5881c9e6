import type { Syscalls } from '@welkin/abi'
import type { Clock, Link } from '@welkin/interface'

/** All that a module gets of the world. */
export interface BuiltinContext {
  syscalls: Syscalls
  /** The way that these take, for conversations. */
  cloud: { link: Link, options: { drawRequestId: () => string } }
  clock: Clock
  /** What follows the module's name in the spec. */
  args: readonly string[]
  env: Readonly<Record<string, string>>
  /** Aborted when the object is to end, or goes on elsewhere; one that goes on is let go of after the grace time. */
  signal: AbortSignal
  stdout: (text: string | Uint8Array) => void
  stderr: (text: string | Uint8Array) => void
  /** Where it goes on: what it was when its state was taken, here or elsewhere; undefined: it begins. */
  state: Uint8Array | undefined
  /**
   * Says what it is, so that it can move: `take` is called between two of its steps, whenever its state is wanted, and
   * gives all that it needs to go on. A module that stands still for a move is told so by its signal, and begins again
   * from its state, there or here: what it does in between is done by nobody.
   */
  keeps: (take: () => Uint8Array) => void
}

/**
 * A program that lives in the daemon. Resolves with its exit status (undefined: 0);
 * a rejection is status 1, told on stderr.
 */
export type BuiltinModule = (context: BuiltinContext) => Promise<number | undefined>
