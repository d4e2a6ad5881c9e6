import type { SystemCall } from './outside.ts'
import type { SavedTalk } from './talk/saved-talk.ts'

interface SavedCommon { number: number, accessedNs: string, changedNs: string }

export type SavedNode = SavedCommon & (
  | { kind: 'file', sizeBytes: number, executable: boolean }
  | { kind: 'directory', entries: Array<[name: string, node: number, serial: number]> }
  | { kind: 'link', target: string }
)

export type SavedDescriptor = [number: number, ...(
  | [kind: 'stream', stream: 'stdin' | 'stdout' | 'stderr']
  | [kind: 'file', node: number, offset: number, readable: boolean, writable: boolean, append: boolean]
  | [kind: 'directory', node: number, preopened: string | null]
  | [kind: 'listener', port: string, nonBlocking: boolean]
  | [kind: 'conversation', number: number, nonBlocking: boolean]
)]

/** What calls keep, as plain data; contents of files, input, replies and what is said to others are beside it. */
export interface SavedProgram {
  args: string[]
  environment: string[]
  /** By the program's own clocks. */
  monotonicNs: string
  cpuNs: string
  waitingSinceNs: string | null
  signals: number[] | null
  calling: SystemCall | null
  written: { stdout: number, stderr: number }
  inputEnded: boolean
  hasReply: boolean
  /** Every node once; the first two are the roots. */
  nodes: SavedNode[]
  descriptors: SavedDescriptor[]
  talk: SavedTalk
}
