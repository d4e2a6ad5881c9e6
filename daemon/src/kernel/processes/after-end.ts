import type { RestartSpec } from '@welkin/abi'
import type { ErrorCode, TaskExit } from '@welkin/interface'

/** What is known when a task has ended. */
export interface EndedTask {
  restart: RestartSpec
  exit: TaskExit
  /** Somebody has asked for its end. */
  killed: boolean
  /** Restarts so far. */
  attempt: number
}

/** Failures to start that no repetition mends. */
const PERMANENT: readonly ErrorCode[] = ['ENOENT', 'EACCES', 'ENOEXEC', 'EINVAL', 'ENOSYS', 'E2BIG', 'EPERM']

/** Whether an object whose task has ended gets another. */
export function restartsAfter ({ restart, exit, killed, attempt }: EndedTask): boolean {
  if (killed || restart.policy === 'never') return false
  if (exit.kind === 'failed' && PERMANENT.includes(exit.error.code)) return false
  if (restart.policy === 'on-failure' && exit.kind === 'exited' && exit.code === 0) return false
  return restart.triesMax === undefined || attempt < restart.triesMax
}

/** How a task ended, as the fields of an event. */
export function flatExit ({ exit }: { exit: TaskExit }): Record<string, string | number> {
  if (exit.kind === 'exited') return { exit: exit.kind, code: exit.code }
  if (exit.kind === 'signaled') return { exit: exit.kind, signal: exit.signal }
  if (exit.kind === 'failed') return { exit: exit.kind, error: exit.error.code }
  return { exit: exit.kind }
}
