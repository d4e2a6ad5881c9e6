import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process'
import { closeSync } from 'node:fs'
import type { Writable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Gate } from '@welkin/async'
import type { TaskUsage } from '@welkin/interface'
import { asCloudError } from '../faults.ts'
import { findProgram } from './program.ts'
import type { Pipe, PipePool } from './pipe-pool.ts'
import type { UsageMeter } from './usage/meter.ts'

export interface LaunchOrder {
  argv: readonly string[]
  /** The whole environment; holds PATH. */
  env: Readonly<Record<string, string>>
  workDirectory: string
  /** Whether standard input is a pipe; else it is empty. */
  input: boolean
  /** Files that a process enters its cgroups by; it does so before the program begins. */
  joins: readonly string[]
}

/** How a process ended; one of the two is null. */
export interface ProcessExit { code: number | null, signal: NodeJS.Signals | null }

export interface Launched {
  pid: number
  stdout: Pipe
  stderr: Pipe
  /** Where the program has input. */
  stdin: Writable | null
  exit: Promise<ProcessExit>
  /** What it has used in all; known just after its end. */
  usage: Promise<TaskUsage>
}

/** What programs are given and watched by. */
export interface LaunchTools { pool: PipePool, meter: UsageMeter }

/** Enters the cgroups named before `--`, then becomes the program after it. */
const JOIN_SCRIPT = 'while [ "$1" != -- ]; do echo 0 > "$1" || exit 126; shift; done; shift; exec "$@"'

/**
 * One spawn a turn: it blocks the process for about a millisecond, and output, orders and exits wait to be seen to.
 * (Spawns on threads of their own were tried and cost three times the CPU: a fork write-protects every thread's pages.)
 */
const turns = new Gate(1)

/**
 * Starts a program as the leader of a session and process group of its own. Rejects ENOENT, EACCES, ENOEXEC, E2BIG,
 * EAGAIN, ENOSPC with nothing left.
 */
export async function launch (order: LaunchOrder, { meter, pool }: LaunchTools): Promise<Launched> {
  const { argv, env, input, workDirectory } = order
  const program = findProgram(argv[0] as string, workDirectory, env.PATH ?? '')
  const pipes: Pipe[] = []
  try {
    const stdout = await pool.open()
    pipes.push(stdout)
    const stderr = await pool.open()
    pipes.push(stderr)
    await turns.run(nextTurn)
    const child = spawnProgram(program, order, [input ? 'pipe' : 'ignore', stdout.writeFile, stderr.writeFile])
    if (child.pid === undefined) await failureOf(child)
    const pid = child.pid as number
    meter.begin(pid)
    const exit = exitOf(child)
    const usage = exit.then(() => meter.end(pid))
    for (const { writeFile } of pipes) closeSync(writeFile)
    return { pid, stdout, stderr, stdin: child.stdin, exit, usage }
  } catch (error) {
    for (const { name, readFile, writeFile } of pipes) {
      closeSync(readFile)
      closeSync(writeFile)
      pool.putBack(name)
    }
    throw asCloudError(error, `"${argv[0]}" could not be started`)
  }
}

function spawnProgram (program: string, order: LaunchOrder, stdio: StdioOptions): ChildProcess {
  const { argv, env, joins, workDirectory } = order
  const options = { cwd: workDirectory, env, stdio, detached: true }
  if (joins.length === 0) return spawn(program, argv.slice(1), { ...options, argv0: argv[0] as string })
  return spawn('/bin/sh', ['-c', JOIN_SCRIPT, 'sh', ...joins, '--', ...argv], options)
}

async function failureOf (child: ChildProcess): Promise<never> {
  return await new Promise((_resolve, reject) => child.once('error', reject))
}

async function exitOf (child: ChildProcess): Promise<ProcessExit> {
  return await new Promise(resolve => child.once('exit', (code, signal) => resolve({ code, signal })))
}
