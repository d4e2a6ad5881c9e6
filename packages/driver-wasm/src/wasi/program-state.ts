import { Descriptors } from './descriptors.ts'
import type { DirectoryNode } from './files/nodes.ts'
import { Tree } from './files/tree.ts'
import { InputQueue } from './input-queue.ts'
import type { Outside, SystemCall } from './outside.ts'
import { Conversations } from './talk/conversations.ts'

/** What a program is told when it begins. */
export interface ProgramStart {
  readonly args: readonly string[]
  /** NAME=value. */
  readonly environment: readonly string[]
  /** Whose it is. */
  readonly object: string
}

export interface ProgramLimits {
  readonly openFiles?: number | undefined
  readonly fileBytes?: number | undefined
}

/** All that the calls of a program keep between one and the next. */
export interface ProgramState extends ProgramStart {
  readonly tree: Tree
  /** The object's working directory, and what is nobody's but the program's. */
  readonly roots: { readonly work: DirectoryNode, readonly temporary: DirectoryNode }
  readonly descriptors: Descriptors
  readonly input: InputQueue
  readonly conversations: Conversations
  readonly limits: ProgramLimits
  /** Added to the machine's clocks, so that the program's go on where they were. */
  monotonicOffsetNs: bigint
  cpuOffsetNs: bigint
  /** When the wait began that is under way, by the program's own clock. */
  waitingSinceNs: bigint | undefined
  /** Undefined: signals end the program. */
  signals: number[] | undefined
  /** The system call that is under way, and what came of the last one. */
  calling: SystemCall | undefined
  reply: Uint8Array | undefined
  /** Bytes that it has written. */
  readonly written: { stdout: number, stderr: number }
}

export const FIRST_DIRECTORY = 3

/** The state in which a program begins; its files are to be put below the roots. */
export function createProgramState (
  start: ProgramStart, limits: ProgramLimits, outside: Pick<Outside, 'wallNs' | 'talk'>
): ProgramState {
  const tree = new Tree(() => outside.wallNs())
  const roots = { work: tree.makeDirectory(), temporary: tree.makeDirectory() }
  const descriptors = new Descriptors(limits.openFiles)
  for (const [number, stream] of (['stdin', 'stdout', 'stderr'] as const).entries()) {
    descriptors.put(number, { kind: 'stream', stream })
  }
  descriptors.put(FIRST_DIRECTORY, { kind: 'directory', node: roots.work, preopened: '/' })
  descriptors.put(FIRST_DIRECTORY + 1, { kind: 'directory', node: roots.temporary, preopened: '/tmp' })
  return {
    ...start, tree, roots, descriptors, limits, input: new InputQueue(),
    conversations: new Conversations(order => outside.talk(order)), monotonicOffsetNs: 0n, cpuOffsetNs: 0n,
    waitingSinceNs: undefined, signals: undefined, calling: undefined, reply: undefined,
    written: { stdout: 0, stderr: 0 }
  }
}
