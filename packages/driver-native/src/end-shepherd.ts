import { isCloudError, type Clock, type Logger } from '@welkin/interface'
import { shepherdOptions } from './options.ts'
import { ShepherdClient } from './shepherd-client.ts'

/**
 * Ends all native tasks of a data directory whose daemon is gone, and their shepherd: SIGTERM, and SIGKILL after
 * `graceMs` (0 unless given). Where nothing ever ran, or nothing runs, it does nothing. Rejects as `connectUnix` does.
 */
export async function endShepherd (
  { clock, directory, graceMs = 0, log }: { directory: string, graceMs?: number, clock: Clock, log: Logger }
): Promise<void> {
  const shepherd = new ShepherdClient({
    directory, shepherd: shepherdOptions({}), clock, log, onNews: () => {}, onLost: () => {}
  })
  try {
    if (!await shepherd.hasHistory()) return
    const order = { call: 'endAll', graceMs } as const
    try {
      await shepherd.ask(order)
    } catch (error) {
      if (!isCloudError(error, 'ECONNRESET')) throw error
      // It was about to end by itself, as one does that is idle; the next one sees that nothing is left.
      await shepherd.ask(order)
    }
  } finally {
    await shepherd.close()
  }
}
