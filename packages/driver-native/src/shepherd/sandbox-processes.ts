import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { signalGroup } from './process-group.ts'

/**
 * A sandbox is three processes: bubblewrap, which is our child and ends as the sandbox does; the first process in it,
 * a shell that waits for orphans, immune to signals from within, with whom all end; and its first child, the program.
 */
interface Inside { first: number, program: number }

/** Processes of a sandbox that are not the task's. */
export const SCAFFOLD_PROCESSES = 2

const MAKING_MS = 2

/** Runs the program as a child, since process 1 is spared by signals; passes its status on and says nothing of it. */
export const FIRST_SCRIPT = 'exec 3>&2 2>/dev/null; (exec "$@") 2>&3 3>&-; exit $?'

/** The file descriptor by which input comes: bubblewrap keeps the first three, so that nobody could close them. */
export const SANDBOX_INPUT = 3

/**
 * The same for a program with input, which nobody else holds open. What runs behind a shell ignores two signals, unless
 * it is told: one that is sent before is lost.
 */
export const FIRST_SCRIPT_WITH_INPUT = 'exec 4>&2 2>/dev/null; ' +
  '(env --default-signal=INT true 2>/dev/null && exec env --default-signal=INT,QUIT "$@"; exec "$@") ' +
  '<&3 2>&4 3<&- 4>&- & exec 3<&-; wait $!; exit $?'

/** Sends a signal to the program; waits until it is there, and does nothing when the sandbox has ended. */
export async function signalProgram (bwrap: number, signal: NodeJS.Signals, isOver: () => boolean): Promise<boolean> {
  const inside = await insideOf(bwrap, isOver)
  if (inside === undefined) return false
  process.kill(inside.program, signal)
  return true
}

/** The same, to all that have not left the program's process group. */
export async function signalSandbox (bwrap: number, signal: NodeJS.Signals, isOver: () => boolean): Promise<void> {
  const inside = await insideOf(bwrap, isOver)
  if (inside !== undefined) signalGroup(inside.first, signal)
}

/**
 * Ends all processes of a sandbox at once. Bubblewrap itself is ended only where there is no other yet: it is to tell
 * how it went, and what was used.
 */
export function killSandbox (bwrap: number): void {
  const [first] = childrenOf(bwrap)
  if (first === undefined) {
    signalGroup(bwrap, 'SIGKILL')
    return
  }
  try {
    process.kill(first, 'SIGKILL')
  } catch {
    // It has just ended.
  }
}

/** What is in the sandbox, as soon as the program is; undefined: it has ended. */
export async function insideOf (bwrap: number, isOver: () => boolean): Promise<Inside | undefined> {
  while (!isOver()) {
    const [first] = childrenOf(bwrap)
    const [program] = first === undefined ? [] : childrenOf(first)
    if (first !== undefined && program !== undefined) return { first, program }
    await sleep(MAKING_MS)
  }
  return undefined
}

/** In the order in which they came to it. */
function childrenOf (pid: number): number[] {
  try {
    const list = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
    return list === '' ? [] : list.split(' ').map(Number)
  } catch {
    return [] // it has ended
  }
}
