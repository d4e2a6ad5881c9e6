import { readlinkSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { TaskGroup } from '../cgroups/task-group.ts'
import { isRunning, listProcesses, readStat } from '../proc/processes.ts'
import type { StartedTask } from '../protocol.ts'
import { signalGroup } from './process-group.ts'

const GONE_TRIES = 500
const GONE_PERIOD_MS = 10

/** `ps` tells seconds. */
const START_TOLERANCE_MS = 2000

/**
 * Ends what is left of a task whose shepherd died. Nobody reads what it writes and nobody can learn how it ends, so it
 * cannot be adopted honestly. Another process that has come by the same pid is left alone.
 */
export async function endOrphan (
  task: StartedTask, { bootId, workDirectory }: { bootId: string | undefined, workDirectory: string }
): Promise<void> {
  if (task.bootId !== bootId) return // the machine was started again
  const { pid } = task
  if (leadsGroup(task)) {
    signalGroup(pid, 'SIGKILL')
    for (let tries = 0; tries < GONE_TRIES && runs(task); tries++) await sleep(GONE_PERIOD_MS)
  }
  endStrays(workDirectory)
  await new TaskGroup(task.places, task.id).close()
}

/** Bubblewrap ends with the shepherd, and the sandbox with it, unless it was being made just then. */
function endStrays (workDirectory: string): void {
  for (const pid of listProcesses()) {
    try {
      if (readlinkSync(`/proc/${pid}/cwd`) === workDirectory) process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended, or is somebody else's.
    }
  }
}

// While a group has members its leader's pid is not given to another process, so a group without a leader is still his.
function leadsGroup (task: StartedTask): boolean {
  if (task.startTicks === undefined) return runs(task)
  const ticks = readStat(task.pid)?.startTicks
  return ticks === undefined || ticks === task.startTicks
}

function runs ({ pid, startedAtMs, startTicks }: StartedTask): boolean {
  if (startTicks !== undefined) return isRunning(pid, startTicks)
  try {
    const start = execFileSync('ps', ['-o', 'lstart=', '-p', `${pid}`], { encoding: 'utf8', env: { LC_ALL: 'C' } })
    return Math.abs(Date.parse(start) - startedAtMs) < START_TOLERANCE_MS
  } catch {
    return false // there is no such process
  }
}
