import { readFileSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import os from 'node:os'

/** Where a machine is asked: by Node's own calls, and on Linux by the files below /proc. */
export interface System {
  os: Pick<
    typeof os,
    'arch' | 'availableParallelism' | 'cpus' | 'hostname' | 'loadavg' | 'platform' | 'release' | 'totalmem'
  >
  monotonicMs (): number
  /** Of the disk on which the path is, in blocks of `bsize` bytes; `bavail`: those that this user may fill. */
  statfs (path: string): Promise<{ bsize: number, blocks: number, bavail: number }>
  /** What this process may still take. */
  availableMemory (): number
  /** What a control group allows this process; 0 where there is none. */
  constrainedMemory (): number
  /** The text of a file; empty where there is none, or it may not be read. */
  read (path: string): string
}

/** The system that this process runs on. Files are read at once: those of /proc are made as they are read. */
export const thisSystem: System = {
  os,
  statfs,
  monotonicMs: () => performance.now(),
  availableMemory: () => process.availableMemory(),
  constrainedMemory: () => process.constrainedMemory(),
  read: path => {
    try {
      return readFileSync(path, 'latin1')
    } catch {
      return ''
    }
  }
}
