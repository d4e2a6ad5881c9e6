import { mapConcurrently } from '@welkin/async'
import {
  canonicalName, CloudError, isCloudError, type Endpoint, type Membership, type NodeView, type Resolver
} from '@welkin/interface'
import type { Calls } from './dispatch/index.ts'

const ASK_TIMEOUT_MS = 3000
const ASK_WIDTH = 32

/** Finds objects by their own names and ids, by asking every node: for nodes to which no naming library is given. */
export function objectsByName ({ calls, membership }: { calls: Calls, membership: Membership }): Resolver {
  const askOne = async ({ id: node, name: nodeName, addresses }: NodeView, ref: string): Promise<Endpoint[]> => {
    try {
      const { objects } = await calls.at(node).list({ here: true, limit: 1000 }, { timeoutMs: ASK_TIMEOUT_MS })
      return objects.filter(({ id, name }) => id === ref || name === ref || name?.replace(/\.\d+$/, '') === ref)
        .map(({ id: object, ports = {} }) => ({ object, node, nodeName, addresses, ports }))
    } catch (error) {
      if (!isCloudError(error)) throw error
      return []
    }
  }
  return {
    async resolve (name, { signal } = {}) {
      const full = canonicalName(name)
      const ref = full.replace(/\.object\.[^.]+$/, '')
      const { nodes } = await membership.everyone({ signal })
      const up = nodes.filter(({ state }) => state === 'up')
        .toSorted((a, b) => Number(b.id === membership.self) - Number(a.id === membership.self))
      const endpoints = (await mapConcurrently(up, ASK_WIDTH, async node => await askOne(node, ref))).flat()
      if (endpoints.length > 0) return { name: full, endpoints, ttlMs: 0 }
      throw new CloudError('ENOENT', `Nothing that runs is called "${full}".`, { fields: { name: full } })
    }
  }
}
