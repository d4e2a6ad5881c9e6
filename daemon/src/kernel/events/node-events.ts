import { TABLE } from '@welkin/abi'
import { CloudError, type AbortOptions, type CloudEvent, type NodeId } from '@welkin/interface'
import type { Calls } from '../../dispatch/index.ts'

interface Wanted { types: string[] | undefined, follow: boolean }

/** What `node` tells of itself. Rejects as its calls do, and EPROTO when it tells anything else. */
export async function * nodeEvents (
  calls: Calls, node: NodeId, wanted: Wanted, options: AbortOptions & { timeoutMs?: number }
): AsyncGenerator<CloudEvent> {
  for await (const item of calls.at(node).events({ scope: 'node', ...wanted }, options)) {
    const { success, data } = TABLE.events.reply.safeParse(item)
    if (!success || data.node !== node) {
      throw new CloudError('EPROTO', `Node ${node} tells events that cannot be read; check its version.`)
    }
    yield data
  }
}
