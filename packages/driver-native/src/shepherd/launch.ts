import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import type { Writable } from 'node:stream'
import { constants } from 'node:os'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Gate } from '@welkin/async'
import type { TaskUsage } from '@welkin/interface'
import { asCloudError } from '@welkin/platform-node/faults'
import { stdioWith } from '../isolation/bubblewrap.ts'
import { isSandboxed, type IsolationCommands, type Limits } from '../protocol.ts'
import { limitsScript } from './limits-script.ts'
import { findProgram } from './program.ts'
import type { Pipe, PipePool } from './pipe-pool.ts'
import { FIRST_SCRIPT, FIRST_SCRIPT_WITH_INPUT, SANDBOX_INPUT } from './sandbox-processes.ts'
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
  limits: Limits
  isolation: IsolationCommands
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

/** Enters the cgroups named before `--`, which goes as well. */
const JOIN_SCRIPT = 'while [ "$1" != -- ]; do echo 0 > "$1" || exit 126; shift; done; shift; '

/** A status above this tells of a signal, in the way of shells. */
const SIGNALED_STATUS = 128

const SIGNALS = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name as NodeJS.Signals]))

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
    const child = spawnProgram(program, order, stdout.writeFile, stderr.writeFile)
    if (child.pid === undefined) await failureOf(child)
    const pid = child.pid as number
    meter.begin(pid, { sandboxed: isSandboxed(order.isolation) })
    const sandboxed = isSandboxed(order.isolation)
    const exit = sandboxed ? exitOf(child).then(asTold) : exitOf(child)
    const usage = exit.then(() => meter.end(pid))
    for (const { writeFile } of pipes) closeSync(writeFile)
    const stdin = input ? child.stdio[sandboxed ? SANDBOX_INPUT : 0] as Writable : null
    return { pid, stdout, stderr, stdin, exit, usage }
  } catch (error) {
    for (const { name, readFile, writeFile } of pipes) {
      closeSync(readFile)
      closeSync(writeFile)
      pool.putBack(name)
    }
    throw asCloudError(error, `"${argv[0]}" could not be started`)
  }
}

/** The filter is opened anew for each, since bubblewrap reads it to its end. */
function spawnProgram (program: string, order: LaunchOrder, stdout: number, stderr: number): ChildProcess {
  const { filter } = order.isolation
  const file = filter === undefined ? undefined : openSync(filter, 'r')
  try {
    return spawnWith(program, order, stdout, stderr, file)
  } finally {
    if (file !== undefined) closeSync(file)
  }
}

function spawnWith (
  program: string, order: LaunchOrder, stdout: number, stderr: number, filter: number | undefined
): ChildProcess {
  const { argv, env, input, isolation: { become, sandbox }, joins, limits, workDirectory } = order
  const isSandbox = sandbox.length > 0
  const stdio: StdioOptions = stdioWith([
    input && !isSandbox ? 'pipe' : 'ignore', stdout, stderr, ...input && isSandbox ? ['pipe' as const] : []
  ], filter)
  const options = { cwd: workDirectory, env, stdio, detached: true }
  const withJoins = (script: string, command: readonly string[]): ChildProcess =>
    spawn('/bin/sh', ['-c', `${JOIN_SCRIPT}${script}exec "$@"`, 'sh', ...joins, '--', ...command], options)
  if (isSandbox) {
    // Limits are set within, where a user's processes are counted anew, and not for bubblewrap.
    const first = limitsScript(limits, 1) + (input ? FIRST_SCRIPT_WITH_INPUT : FIRST_SCRIPT)
    const command = [...sandbox, '/bin/sh', '-c', first, 'sh', ...become, ...argv]
    return joins.length > 0 ? withJoins('', command) : spawn(command[0] as string, command.slice(1), options)
  }
  const script = limitsScript(limits, 0)
  if (joins.length > 0 || script !== '' || become.length > 0) return withJoins(script, [...become, ...argv])
  return spawn(program, argv.slice(1), { ...options, argv0: argv[0] as string })
}

/** A sandbox ends with the status of its program, told as shells do: what ended by a signal has one above 128. */
function asTold ({ code, signal }: ProcessExit): ProcessExit {
  const told = SIGNALS.get((code ?? 0) - SIGNALED_STATUS)
  return told === undefined ? { code, signal } : { code: null, signal: told }
}

async function failureOf (child: ChildProcess): Promise<never> {
  return await new Promise((_resolve, reject) => child.once('error', reject))
}

async function exitOf (child: ChildProcess): Promise<ProcessExit> {
  return await new Promise(resolve => child.once('exit', (code, signal) => resolve({ code, signal })))
}
