import { mapConcurrently } from '@welkin/async'
import { isCloudError, type AbortOptions, type NodeId, type ObjectId } from '@welkin/interface'
import type { ObjectInfo, Syscalls } from '@welkin/syscalls'
import { objectsIn, type Picture } from './picture.ts'
import type { View } from './view.ts'

/** Objects that are listed. */
const OBJECTS_MAX = 1000
/** Objects that are asked what they use, each time, and how many of them at a time. */
const ASKED_MAX = 64
const WIDTH = 16

type Usage = ObjectInfo['usage']

/** What an object used when it was asked; undefined: it was asked, and did not say. */
interface Told { usage: Usage, round: number }

/**
 * Looks at a cloud again and again. Each look takes a bounded number of calls, however large the cloud is: of the
 * objects, those that are shown tell what they use, and of the others those that did so longest ago.
 */
export class Looker {
  readonly #syscalls: Syscalls
  #told = new Map<ObjectId, Told>()
  #round = 0

  constructor (syscalls: Syscalls) {
    this.#syscalls = syscalls
  }

  /** `page`: how many rows are shown. Rejects as the calls `find` and `list` do. */
  async look (view: View, page: number, { signal }: AbortOptions = {}): Promise<Picture> {
    const { find, list } = this.#syscalls
    const [found, listed] = await Promise.all([
      find({}, { signal }),
      view.subject === 'objects' ? list({ limit: OBJECTS_MAX }, { signal }) : undefined
    ])
    const { objects = [], next, silent = [] } = listed ?? {}
    if (listed !== undefined) await this.#ask(objects, view, page, { signal })
    const names = new Map(found.rows.map(({ node: { id, name } }): [string, string] => [id, name]))
    return {
      nodes: found.rows,
      objects: objects.map(object => this.#withUsage(object)),
      moreObjects: next !== undefined,
      silent: [...new Set([...found.silent, ...silent])].map(who => names.get(who) ?? who),
      atMs: Date.now()
    }
  }

  async #ask (objects: readonly ObjectInfo[], view: View, page: number, options: AbortOptions): Promise<void> {
    const round = ++this.#round
    const known = objects.map(object => this.#withUsage(object))
    const shown = objectsIn({ objects: known }, view).slice(view.first, view.first + page)
    const roundOf = ({ id }: ObjectInfo): number => this.#told.get(id)?.round ?? 0
    const asked = new Map([...shown, ...known.toSorted((one, other) => roundOf(one) - roundOf(other))]
      .map(({ id, node }): [ObjectId, NodeId] => [id, node]))
    const told = await mapConcurrently([...asked].slice(0, ASKED_MAX), WIDTH, async ([id, node]) =>
      [id, { round, usage: await this.#usageOf(id, node, options) }] as const)
    // What has ended is forgotten.
    const kept = [...this.#told].filter(([id]) => asked.has(id))
    this.#told = new Map([...kept, ...told])
  }

  /** Asks the object's own node, so that no others have to be asked where it is. */
  async #usageOf (id: ObjectId, node: NodeId, { signal }: AbortOptions): Promise<Usage> {
    try {
      return (await this.#syscalls.stat({ id }, { node, signal })).usage
    } catch (error) {
      if (!isCloudError(error) || isCloudError(error, 'ECANCELED')) throw error
      return undefined
    }
  }

  #withUsage (object: ObjectInfo): ObjectInfo {
    return { ...object, usage: this.#told.get(object.id)?.usage ?? object.usage }
  }
}
