import type { ObjectSpec } from '@welkin/abi'
import { mapConcurrently } from '@welkin/async'
import { isCloudError, type AbortOptions, type NodeId, type NodeView } from '@welkin/interface'
import type { Calls } from '../../dispatch/index.ts'

/** Files that are asked after, the first of a spec: what few files do not tell, many do not either. */
const FILES_MAX = 8
const WIDTH = 4
const STAT_TIMEOUT_MS = 3000
/** What a node gets files at, where nobody knows better. */
const BYTES_PER_SECOND = 50e6

/**
 * How long an object would wait for its files on a node, milliseconds: nothing where they are there already, else as
 * long as it takes to bring them. A file that nobody has counts nothing: to say so is for the start of the object.
 */
export async function startDelayOf (
  { files }: Pick<ObjectSpec, 'files'>, { calls, self }: { calls: Calls, self: NodeId }, { signal }: AbortOptions
): Promise<(node: NodeView) => number> {
  const known = await mapConcurrently(files.slice(0, FILES_MAX), WIDTH, async ({ blob }) => {
    try {
      const { holders, sizeBytes } = await calls.at(self).blob.stat({ blob }, { signal, timeoutMs: STAT_TIMEOUT_MS })
      return { holders: new Set(holders), sizeBytes }
    } catch (error) {
      if (!isCloudError(error) || isCloudError(error, 'ECANCELED')) throw error
      return { holders: new Set<NodeId>(), sizeBytes: 0 }
    }
  })
  return ({ id }) => {
    const bytes = known.reduce((sum, { holders, sizeBytes }) => holders.has(id) ? sum : sum + sizeBytes, 0)
    return bytes / BYTES_PER_SECOND * 1000
  }
}
