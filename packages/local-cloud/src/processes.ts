import { execFile } from 'node:child_process'
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
