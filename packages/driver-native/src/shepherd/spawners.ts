import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { Gate } from '@welkin/async'

/** Of one process on its way from the main thread to a spawner. */
export interface SpawnCommand {
  key: number
  file: string
  args: string[]
  argv0: string | undefined
  cwd: string
  env: Readonly<Record<string, string>>
  stdio: Array<number | 'ignore'>
}

/** What a spawner tells: first of a process's start or failure, then of its end. */
export type SpawnEvent =
  | { key: number, pid: number }
  | { key: number, failure: { code: string | undefined, message: string } }
  | { key: number, exit: ProcessExit }

/** How a process ended; one of the two is null. */
export interface ProcessExit { code: number | null, signal: NodeJS.Signals | null }

export interface Spawned { pid: number, exit: Promise<ProcessExit> }
