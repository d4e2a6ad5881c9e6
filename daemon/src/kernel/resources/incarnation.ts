import { isCloudError, type Clock, type Disk, type Logger } from '@welkin/interface'

const KEY = 'resources/incarnation'

/**
 * A number larger than in any earlier life of this node, durable when this resolves: the wall clock where it has gone
 * on, else one more than last time. A disk that does not serve leaves the clock alone to be trusted.
 */
export async function nextIncarnation (
  { clock, disk, log }: { clock: Clock, disk: Disk, log: Logger }
): Promise<number> {
  let incarnation = Math.floor(clock.wallMs())
  try {
    const last = Number(new TextDecoder().decode(await disk.records.get(KEY)))
    if (Number.isSafeInteger(last)) incarnation = Math.max(incarnation, last + 1)
    else log.warn('resources.incarnation_unreadable')
    await disk.records.write([{ key: KEY, value: new TextEncoder().encode(String(incarnation)) }])
  } catch (error) {
    if (!isCloudError(error)) throw error
    log.warn('resources.incarnation_not_kept', { code: error.code, reason: error.message })
  }
  return incarnation
}
