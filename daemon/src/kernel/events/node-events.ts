import { CloudError, type AbortOptions, type CloudEvent, type NodeId } from '@welkin/interface'
import type { Calls } from '../../dispatch/index.ts'

interface Wanted { types: string[] | undefined, follow: boolean }

/** What `node` tells of itself. Rejects as its calls do, and EPROTO when it tells of another. */
export async function * nodeEvents (
  calls: Calls, node: NodeId, wanted: Wanted, options: AbortOptions & { timeoutMs?: number }
): AsyncGenerator<CloudEvent> {
  for await (const event of calls.at(node).events({ scope: 'node', ...wanted }, options)) {
    if (event.node !== node) throw new CloudError('EPROTO', `Node ${node} tells events as another; check its version.`)
    yield event
  }
}
