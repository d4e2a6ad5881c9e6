import { mapConcurrently } from '@welkin/async'
import type { ObjectInfo, ReplyOf } from '@welkin/syscalls'
import { isCloudError, type NodeId, type NodeView } from '@welkin/interface'
import type { CallContext } from '../../dispatch/index.ts'
import { resolvePlace } from '../../resolve-node.ts'
import type { ProcessCallPorts } from './calls.ts'

const ASK_TIMEOUT_MS = 5000
const ASK_WIDTH = 32

export interface ListArgs {
  ended: boolean
  cp?: string | undefined
  state?: ObjectInfo['state'] | undefined
  on?: string | undefined
  here: boolean
  after?: string | undefined
  limit: number
}

/** Objects in the order of their ids, and whether there are more after them. */
interface Part { objects: ObjectInfo[], more: boolean }

/** A page of objects, of this node or of all that answer. */
export async function listObjects (ports: ProcessCallPorts, args: ListArgs, { signal }: CallContext): Promise<ReplyOf<'list'>> {
  const { calls, membership } = ports
  if (args.here) return page([ownObjects(ports, args)], args, [])
  const silent: NodeId[] = []
  const parts = await mapConcurrently(nodesOf(ports, args.on), ASK_WIDTH, async ({ id, state }): Promise<Part> => {
    if (id === membership.self) return ownObjects(ports, args)
    try {
      if (state === 'up') {
        const { objects, next } = await calls.at(id).list({ ...args, on: undefined, here: true }, { timeoutMs: ASK_TIMEOUT_MS, signal })
        return { objects, more: next !== undefined }
      }
    } catch (error) {
      if (!isCloudError(error) || isCloudError(error, 'ECANCELED')) throw error
    }
    silent.push(id)
    return { objects: [], more: false }
  })
  return page(parts, args, silent)
}

function nodesOf ({ membership }: ProcessCallPorts, on: string | undefined): readonly NodeView[] {
  return on === undefined ? membership.nodes() : resolvePlace(membership.nodes(), on)
}

function ownObjects ({ processes }: ProcessCallPorts, { ended, cp, state, after, limit }: ListArgs): Part {
  const wanted = [...processes.all()].filter(object =>
    (ended || !object.hasEnded || state === 'ended') && (cp === undefined || object.record.cp === cp) &&
    (state === undefined || object.state === state) && (after === undefined || object.record.id > after))
  const first = wanted.toSorted((a, b) => byId(a.record, b.record)).slice(0, limit)
  return { objects: first.map(object => object.info()), more: wanted.length > limit }
}

/** Every part holds the first of its node, so the first of them all together are the first of the cloud. */
function page (parts: Part[], { limit }: ListArgs, silent: NodeId[]): ReplyOf<'list'> {
  const sorted = parts.flatMap(({ objects }) => objects).toSorted(byId)
  const objects = sorted.slice(0, limit)
  const last = objects.at(-1)
  const more = sorted.length > limit || parts.some(part => part.more)
  return { objects, silent, ...more && last !== undefined ? { next: last.id } : {} }
}

function byId (a: { id: string }, b: { id: string }): number {
  return a.id < b.id ? -1 : 1
}
