import { constants } from 'node:os'
import type { TaskExit } from '@welkin/interface'
import { formatSize } from '../print/sizes.ts'

const SIGNALS: Readonly<Record<string, number>> = constants.signals

/**
 * The exit status with which a shell would tell of such an end: the program's own, 128 + n for signal n, 137 for out of
 * memory, 127 and 126 for a program that is not there or may not be run, else 1.
 */
export function exitStatus (exit: TaskExit): number {
  switch (exit.kind) {
    case 'exited': return exit.code
    case 'signaled': return 128 + (SIGNALS[exit.signal] ?? 0)
    case 'out-of-memory': return 128 + constants.signals.SIGKILL
    case 'failed': return failureStatus(exit.error.code)
    case 'lost': return 1
  }
}

function failureStatus (code: string): number {
  if (code === 'ENOENT') return 127
  return code === 'EACCES' || code === 'ENOEXEC' ? 126 : 1
}

/** How an object ended, in a few words. */
export function describeExit (exit: TaskExit): string {
  switch (exit.kind) {
    case 'exited': return `exited ${exit.code}`
    case 'signaled': return exit.signal
    case 'out-of-memory': return `out of memory (${formatSize(exit.limitBytes)})`
    case 'failed': return `failed (${exit.error.code})`
    case 'lost': return 'lost'
  }
}

/** What must be said beside the status, as a sentence; undefined where the program speaks for itself. */
export function explainExit (exit: TaskExit): string | undefined {
  switch (exit.kind) {
    case 'exited':
    case 'signaled': return undefined
    case 'out-of-memory': return `it needs more than its ${formatSize(exit.limitBytes)} of memory; see --memory.`
    case 'failed': return `it could not be started: ${exit.error.message} (${exit.error.code})`
    case 'lost': return `it ended, and nobody saw how: ${exit.reason}`
  }
}
