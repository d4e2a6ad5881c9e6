import { mapConcurrently } from '@welkin/async'
import { isCloudError, isHeard, type AbortOptions, type Logger, type NodeView } from '@welkin/interface'

/** Nodes that are asked at a time. */
const WIDTH = 32
/** How long one node that does not answer may delay what all others have answered. */
const TIMEOUT_MS = 3000

export interface AskOptions extends AbortOptions { log: Logger, timeoutMs?: number }

/** The answers in the order of the nodes; silent are those that are not heard, or gave none in time. */
export interface Asked<T> { answers: T[], silent: NodeView[] }

/** Asks all of the nodes that are heard. Rejects ECANCELED when aborted, and with whatever is no CloudError. */
export async function askNodes<T> (
  nodes: readonly NodeView[], ask: (node: NodeView, options: AbortOptions & { timeoutMs: number }) => Promise<T>,
  { log, signal, timeoutMs = TIMEOUT_MS }: AskOptions
): Promise<Asked<T>> {
  const silent = nodes.filter(node => !isHeard(node))
  const answers = await mapConcurrently(nodes.filter(isHeard), WIDTH, async node => {
    try {
      return [await ask(node, { timeoutMs, signal })]
    } catch (error) {
      if (!isCloudError(error) || isCloudError(error, 'ECANCELED')) throw error
      log.debug('dispatch.node_silent', { node: node.id, code: error.code })
      silent.push(node)
      return []
    }
  })
  return { answers: answers.flat(1) as T[], silent }
}
