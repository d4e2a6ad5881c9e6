import { encode } from '@welkin/abi'
import type { Resource } from '@welkin/capability'
import type { ObjectInfo, ReplyOf } from '@welkin/syscalls'
import { askNodes, resourceNames, type CallContext } from '../../dispatch/index.ts'
import { resolvePlace } from '../../resolve-node.ts'
import type { ProcessCallPorts } from './calls.ts'

const ASK_TIMEOUT_MS = 5000
const PAGE_BYTES_MAX = 1 << 20

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
export async function listObjects (
  ports: ProcessCallPorts, args: ListArgs, { caller, signal }: CallContext
): Promise<ReplyOf<'list'>> {
  const { access, calls, log, membership } = ports
  const isSeen = (object: ObjectInfo): boolean => access.maySee(caller, 'processes.read', resourceOf(object))
  if (args.here) return page([ownObjects(ports, args)], args, [], isSeen)
  const cloud = await membership.everyone({ signal })
  const wanted = args.on === undefined ? cloud.nodes : resolvePlace(cloud, args.on)
  const { answers, silent } = await askNodes(wanted, async ({ id }, options): Promise<Part> => {
    if (id === membership.self) return ownObjects(ports, args)
    const { objects, next } = await calls.at(id).list({ ...args, on: undefined, here: true }, options)
    return { objects, more: next !== undefined }
  }, { log, signal, timeoutMs: ASK_TIMEOUT_MS })
  const unheard = [...args.on === undefined ? cloud.silent : [], ...silent.map(({ id }) => id)]
  return page(answers, args, unheard, isSeen)
}

function ownObjects ({ processes }: ProcessCallPorts, { ended, cp, state, after, limit }: ListArgs): Part {
  const wanted = [...processes.all()].filter(object =>
    (ended || !object.hasEnded || state === 'ended') && (cp === undefined || object.record.cp === cp) &&
    (state === undefined || object.state === state) && (after === undefined || object.record.id > after))
  const infos = wanted.toSorted((a, b) => byId(a.record, b.record)).map(object => object.info())
  const objects = firstOf(infos, limit)
  return { objects, more: objects.length < infos.length }
}

/** Every part holds the first of its node, so the first of them all together are the first of the cloud. */
function page (
  parts: Part[], { limit }: ListArgs, silent: string[], isSeen: (object: ObjectInfo) => boolean
): ReplyOf<'list'> {
  const sorted = parts.flatMap(({ objects }) => objects).toSorted(byId)
  // What a node has beyond its part comes after it: until then the order is certain.
  const certain = parts.filter(({ more }) => more).map(({ objects }) => objects.at(-1)?.id ?? '').toSorted()[0]
  const objects = firstOf(certain === undefined ? sorted : sorted.filter(({ id }) => id <= certain), limit)
  const last = objects.at(-1)
  const more = objects.length < sorted.length || certain !== undefined
  return { objects: objects.filter(isSeen), silent, ...more && last !== undefined ? { next: last.id } : {} }
}

/** As many as a page may hold, by number and by bytes; one at least. */
function firstOf (objects: readonly ObjectInfo[], limit: number): ObjectInfo[] {
  let bytes = 0
  const fits = objects.slice(0, limit).findIndex((object, index) => {
    bytes += encode(object).byteLength
    return bytes > PAGE_BYTES_MAX && index > 0
  })
  return objects.slice(0, fits < 0 ? limit : fits)
}

function resourceOf ({ id, cp, name, owner }: ObjectInfo): Resource {
  return { owner, names: resourceNames({ id, cp, name }) }
}

function byId (a: { id: string }, b: { id: string }): number {
  return a.id < b.id ? -1 : 1
}
