import {
  isCloudError, onAbort, type AbortOptions, type Cancel, type Clock, type CloudError, type NodeId
} from '@welkin/interface'
import type { LookUp } from '@welkin/kademlia'
import type { KnownNode } from './known-nodes.ts'

interface WalkPorts { clock: Clock, hedgeMs: (id: NodeId) => number }

interface WalkOptions extends AbortOptions {
  timeoutMs: number
  /** Asks one; resolves with the nodes that it told of. */
  ask: (node: KnownNode) => Promise<readonly KnownNode[]>
  /** Whether what has come is enough; then nobody else is waited for. */
  isEnough: () => boolean
  /** Asks all whom it should, though it had enough. */
  goesOn?: boolean
}

/** How it ended; the last fault of each peer that had one. */
export interface Walked { isTimedOut: boolean, faults: Map<NodeId, CloudError> }

/**
 * Asks the nodes that a look-up names until it has come to its end, has enough, or the time is up; rejects only where
 * it was cancelled. What is under way then goes on by itself.
 */
export async function walk (
  { clock, hedgeMs }: WalkPorts, look: LookUp<KnownNode>,
  { timeoutMs, signal, ask, isEnough, goesOn = false }: WalkOptions
): Promise<Walked> {
  const faults = new Map<NodeId, CloudError>()
  return await new Promise<Walked>((resolve, reject) => {
    let [isOver, hasStopped] = [false, false]
    const finish = (isTimedOut: boolean): void => {
      if (isOver) return
      isOver = true
      hasStopped ||= isTimedOut || !goesOn
      cancelDeadline()
      ignoreAbort()
      resolve({ isTimedOut, faults })
    }
    const step = (): void => {
      if (hasStopped) return
      if (!isOver && isEnough()) finish(false)
      if (hasStopped) return
      for (const node of look.next()) begin(node)
      if (look.isComplete) finish(false)
    }
    const begin = (node: KnownNode): void => {
      const cancelHedge: Cancel = clock.after(hedgeMs(node.id), () => {
        look.overtaken(node.id)
        step()
      })
      ask(node).then(told => {
        look.answered(node.id)
        look.offer(told, { isTrusted: false })
      }, (error: unknown) => {
        if (!isCloudError(error)) throw error // a bug: let the node crash
        faults.set(node.id, error)
        look.failed(node.id)
      }).finally(() => {
        cancelHedge()
        step()
      })
    }
    const cancelDeadline = clock.after(timeoutMs, () => finish(true))
    const ignoreAbort = onAbort(signal, reason => {
      isOver = hasStopped = true
      cancelDeadline()
      reject(reason)
    })
    if (!isOver) step()
  })
}
