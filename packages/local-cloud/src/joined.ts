import { setTimeout as sleep } from 'node:timers/promises'
import { CloudError, throwIfAborted, type AbortOptions } from '@welkin/interface'
import { connect } from '@welkin/syscalls/connect'

const POLL_MS = 50
const PATIENCE_MS = 30_000

/** Resolves as soon as the daemon behind `socket` knows of `count` nodes that are up. Rejects ETIMEDOUT in the end. */
export async function untilJoined (socket: string, count: number, { signal }: AbortOptions): Promise<void> {
  const cloud = await connect({ socket })
  const deadlineMs = performance.now() + PATIENCE_MS
  try {
    for (;;) {
      throwIfAborted(signal)
      const up = (await cloud.syscalls.nodes({})).nodes.filter(({ state }) => state === 'up')
      if (up.length >= count) return
      if (performance.now() > deadlineMs) {
        throw new CloudError('ETIMEDOUT',
          `Only ${up.length} of ${count} nodes have found one another in ${PATIENCE_MS / 1000} s.`)
      }
      await sleep(POLL_MS)
    }
  } finally {
    cloud.close()
  }
}
