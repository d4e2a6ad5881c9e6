import { backOffMs, sleep } from '@welkin/async'
import { CloudError, isCloudError, type Clock, type NodeId, type Random } from '@welkin/interface'
import { isLostForGood } from './given-up.ts'

const AGAIN = { firstMs: 50, maxMs: 2000, factor: 2 }
/** So often an object is followed at once. */
const MOVES_MAX = 16

interface ReconnectPorts {
  clock: Clock
  random: Random
  /** Called with each fault after which it is tried again, or given up. */
  onFault: (error: CloudError, tries: number) => void
}

/** Connects again, as often as it takes. Rejects as the signal says, and ECONNRESET where it is of no use any more. */
export async function reconnect<T> (
  { clock, random, onFault }: ReconnectPorts, connect: () => Promise<T>,
  { graceMs, signal }: { graceMs: number, signal: AbortSignal }
): Promise<T> {
  const brokenMs = clock.monotonicMs()
  for (let tries = 0; ; tries++) {
    try {
      return await connect()
    } catch (error) {
      if (!isCloudError(error) || signal.aborted) throw error
      onFault(error, tries)
      const isLost = isLostForGood(error)
      if (!isLost && clock.monotonicMs() - brokenMs < graceMs) {
        await sleep(clock, backOffMs(AGAIN, tries, random), { signal })
        continue
      }
      const why = isLost ? 'the other end knows nothing of it any more' : `${graceMs} ms were not enough`
      const message = `The conversation broke off and could not be gone on with: ${why}; begin another.`
      throw new CloudError('ECONNRESET', message, { cause: error, fields: { code: error.code } })
    }
  }
}

/** Connects at `node`, or to wherever that says that the object has gone; `hasMoved`: a node has said so. */
export async function connectWherever<Node extends NodeId | undefined, T> (
  node: Node, connect: (node: Node | NodeId, hasMoved: boolean) => Promise<T>
): Promise<T> {
  let at: Node | NodeId = node
  for (let moves = 0; ; moves++) {
    try {
      return await connect(at, moves > 0)
    } catch (error) {
      const movedTo = isCloudError(error, 'ESTALE') ? error.fields['node'] : undefined
      if (typeof movedTo !== 'string' || moves >= MOVES_MAX) throw error
      at = movedTo
    }
  }
}
