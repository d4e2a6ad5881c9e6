import { CloudError, type NodeId } from '@welkin/interface'
import type { ObjectMatch } from '@welkin/abi'

/** An object that may be meant, and where it is. */
export interface Candidate extends ObjectMatch { node: NodeId }

/**
 * The one object that `ref` means. An id wins over a name, a name over a prefix of an id; among objects of one name the
 * only live one, or the latest when all have ended. One that is moving, of which two nodes speak, is one: either knows
 * where it is. Rejects ENOENT (none), EINVAL (several).
 */
export function pickMatch (ref: string, given: readonly Candidate[]): Candidate {
  const candidates = [...new Map(given.map(candidate => [candidate.id, candidate])).values()]
  const exact = candidates.find(({ id }) => id === ref)
  if (exact !== undefined) return exact
  const named = candidates.filter(({ name }) => name === ref)
  const live = named.filter(candidate => candidate.live)
  const latest = named.toSorted((a, b) => b.spawnedAtMs - a.spawnedAtMs)[0]
  if (live.length === 0 && latest !== undefined) return latest
  const matches = live.length > 0 ? live : candidates.filter(({ id }) => id.startsWith(ref))
  if (matches.length === 1) return matches[0] as Candidate
  if (matches.length === 0) {
    const message = `No object goes by "${ref}"; "welkin ps -a" lists them.`
    throw new CloudError('ENOENT', message, { fields: { object: ref } })
  }
  const ids = matches.map(({ id }) => id).toSorted()
  const message = `"${ref}" could be any of ${matches.length} objects; use more of the id.`
  throw new CloudError('EINVAL', message, { fields: { matches: ids.slice(0, 20) } })
}
