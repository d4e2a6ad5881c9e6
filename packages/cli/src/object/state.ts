import type { ObjectInfo } from '@welkin/syscalls'
import { paint } from '../print/paint.ts'
import { describeExit } from './exit-status.ts'

/** What an object does, or how it ended, for people. */
export function formatObjectState ({ state, exit, attempt }: ObjectInfo): string {
  if (state === 'ended' && exit !== undefined) {
    const well = exit.kind === 'exited' && exit.code === 0
    return paint(well ? 'dim' : 'red', describeExit(exit))
  }
  const restarts = attempt === 0 ? '' : ` (restarted ${attempt}×)`
  return paint(state === 'running' ? 'green' : 'yellow', state) + restarts
}
