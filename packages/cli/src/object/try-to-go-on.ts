import { setTimeout as sleep } from 'node:timers/promises'
import { isCloudError } from '@welkin/interface'
import type { Connection } from '@welkin/syscalls/connect'

const RETRY_MS = 1000
const RETRIES_MAX = 30
const PASSING = ['ECONNRESET', 'EHOSTDOWN', 'EHOSTUNREACH', 'ETIMEDOUT'] as const

/**
 * What `read` resolves to, which is begun again, for half a minute since it last got on, where the way to an object's
 * node breaks, its daemon starts anew, or another node goes on with it.
 */
export async function tryToGoOn<T> (cloud: Connection, read: (onProgress: () => void) => Promise<T>): Promise<T> {
  let connected = true
  void cloud.closed.finally(() => { connected = false })
  for (let retries = 0; ; retries++) {
    try {
      return await read(() => { retries = 0 })
    } catch (error) {
      if (!isCloudError(error, ...PASSING) || !connected || retries === RETRIES_MAX) throw error
      await sleep(RETRY_MS)
    }
  }
}
