import type { GuestMemory } from './guest-memory.ts'
import type { Again, Outside } from './outside.ts'
import type { ProgramState } from './program-state.ts'

/** What each family of calls works on. */
export interface CallContext {
  readonly memory: GuestMemory
  readonly state: ProgramState
  readonly outside: Outside
}

/** A call as the program makes it: gives an error number, or asks to be made again. */
export type Call = (...args: never[]) => number | Again

export type Calls = Record<string, Call>
