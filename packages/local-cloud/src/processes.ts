import { execFile, execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

const POLL_MS = 25

/** Whether process `pid` lives and has `argument` in its command line: a pid may belong to somebody else by now. */
export async function runsWith (pid: number, argument: string): Promise<boolean> {
  return ` ${await commandLine(pid)} `.includes(` ${argument} `)
}

/** Resolves true when no process `pid` with `argument` is left, false when `timeoutMs` have passed before. */
export async function waitForEnd (pid: number, argument: string, timeoutMs: number): Promise<boolean> {
  // The system tells only a parent when a process ends, and this one need not be ours: so it is asked again and again.
  const deadlineMs = performance.now() + timeoutMs
  while (await runsWith(pid, argument)) {
    if (performance.now() > deadlineMs) return false
    await sleep(POLL_MS)
  }
  return true
}

/** Sends a signal; a process that has ended meanwhile is no error. */
export function sendSignal (pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** A process, as `ps` lists it. */
export interface ListedProcess { pid: number, parent: number, command: string }

/** All processes of this machine now; at once, for whoever cannot wait. */
export function listProcesses (): ListedProcess[] {
  const lines = execFileSync('ps', ['-A', '-ww', '-o', 'pid=,ppid=,command='], { encoding: 'utf8' }).split('\n')
  return lines.flatMap(line => {
    const [, pid, parent, command = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? []
    return pid === undefined ? [] : { pid: Number(pid), parent: Number(parent), command }
  })
}

/** Program and arguments of a process, joined by spaces; empty for one that has ended. */
export async function commandLine (pid: number): Promise<string> {
  if (process.platform !== 'linux') return await listedCommandLine(pid)
  try {
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ').trim()
  } catch {
    return ''
  }
}

async function listedCommandLine (pid: number): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('ps', ['-ww', '-o', 'command=', '-p', String(pid)])
    return stdout.trim()
  } catch {
    return ''
  }
}
