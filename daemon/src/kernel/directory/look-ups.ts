import { mapConcurrently } from '@welkin/async'
import {
  CloudError, ignoreFault, isCloudError, isSameBytes, type AbortOptions, type Clock, type Kept, type NodeId,
  type RecordKind, type SiteSummary
} from '@welkin/interface'
import { LookUp, type Point } from '@welkin/kademlia'
import type { Holder } from './holder.ts'
import type { KnownNode, KnownNodes } from './known-nodes.ts'
import { NODES_MAX, unpackFound, unpackNodes, unpackTaken, type Asker, type Contact } from './messages.ts'
import type { DirectoryMetrics } from './metrics.ts'
import type { DirectoryOptions } from './options.ts'
import type { Peers } from './peers.ts'
import { walk, type Walked } from './walk.ts'

interface LookUpsPorts {
  clock: Clock
  known: KnownNodes
  holder: Holder
  peers: Peers
  metrics: DirectoryMetrics
  /** What this node says of itself now. */
  asker: () => Asker
}

type Patience = AbortOptions & { timeoutMs: number }

/** Nodes that are met at each distance, where there are any. */
const FEW = 3
/** Holders that are asked to tell of changes: enough that one of them lives on. */
const TELLERS = 3

/** What one holder has said; `isEmpty`: it has nothing, and may be too new to have anything. */
interface Answer { node: KnownNode, record: Uint8Array | undefined, isYoung: boolean }

/** Puts and gets among the nodes nearest to a key. */
export class LookUps {
  readonly #ports: LookUpsPorts
  readonly #options: DirectoryOptions

  constructor (ports: LookUpsPorts, options: DirectoryOptions) {
    this.#ports = ports
    this.#options = options
  }

  /**
   * What the holders have together. Resolves when so many have answered that one of those that took the latest put must
   * be among them; that nobody has anything is believed when all have said so.
   */
  async get (
    kind: RecordKind, key: string, { timeoutMs, tellMs, signal }: Patience & { tellMs: number }
  ): Promise<Uint8Array | undefined> {
    const { holder, known } = this.#ports
    const look = this.#lookUp(holder.pointOf(kind.name, key), this.#options.alpha)
    const expected = this.#sizeOf(look)
    const answers = new Map<NodeId, Answer>()
    const wantsNodes = !known.isWhole
    let merged: Uint8Array | undefined
    let tellers = 0
    const hear = (answer: Answer): void => {
      const { node, record: given } = answer
      answers.set(node.id, answer)
      if (given === undefined || (merged !== undefined && isSameBytes(merged, given))) return
      const { record } = holder.check(kind.name, key, given)
      merged = merged === undefined ? record : kind.merge(key, merged, record)
    }
    const ask = async (node: KnownNode): Promise<readonly KnownNode[]> => {
      if (node.id === known.self.id) {
        hear({ node, record: holder.held(kind.name, key), isYoung: false })
        return []
      }
      const isTeller = tellMs > 0 && tellers < TELLERS
      if (isTeller) tellers++
      try {
        const question = {
          is: 'get', kind: kind.name, key, tellMs: isTeller ? tellMs : 0, wantsNodes, asker: this.#ports.asker()
        } as const
        const { record, isYoung, nodes } = unpackFound(await this.#ports.peers.ask(node, question))
        hear({ node, record, isYoung })
        return this.#placed(nodes)
      } catch (error) {
        if (isTeller) tellers--
        throw error
      }
    }
    const saysSomething = ({ id }: KnownNode): boolean => {
      const answer = answers.get(id)
      return answer !== undefined && (answer.record !== undefined || !answer.isYoung)
    }
    const isEnough = (): boolean => {
      if (merged === undefined) return false
      const nearest = look.nearest()
      return nearest.filter(saysSomething).length >= quorumOf(nearest.length)
    }
    const walked = await this.#walk(look, { timeoutMs, signal, ask, isEnough })
    if (merged === undefined && answers.size < quorumOf(expected)) throw tooFew('answered', walked, expected)
    this.#repair(kind, key, look, answers, merged)
    return merged
  }

  /** Has the nearest keep the record. Resolves when most of them have; the others are told all the same. */
  async put (
    kind: RecordKind, key: string, record: Uint8Array, { timeoutMs, signal }: Patience
  ): Promise<Kept> {
    const { clock, holder, known } = this.#ports
    const startedMs = clock.monotonicMs()
    const target = holder.pointOf(kind.name, key)
    const found = known.isWhole ? undefined : await this.find(target, { timeoutMs, signal })
    const look = this.#lookUp(target, this.#options.replicas, { found })
    const expected = this.#sizeOf(look)
    const needed = majorityOf(expected)
    let merged = record
    const ask = async (node: KnownNode): Promise<readonly KnownNode[]> => {
      const taken = node.id === known.self.id
        ? holder.take(kind.name, key, record, node.id)
        : unpackTaken(await this.#ports.peers.ask(node, { is: 'put', kind: kind.name, key, record }))
      if (taken !== undefined && !isSameBytes(taken, merged)) {
        merged = kind.merge(key, merged, holder.check(kind.name, key, taken).record)
      }
      return []
    }
    const isEnough = (): boolean => look.progress().answered >= needed
    const leftMs = Math.max(1, timeoutMs - (clock.monotonicMs() - startedMs))
    const walked = await this.#walk(look, { timeoutMs: leftMs, signal, ask, isEnough, goesOn: true })
    const { answered } = look.progress()
    if (answered < needed) throw tooFew('took the record', walked, expected)
    // Some held what others did not: all are to have both.
    if (!isSameBytes(merged, record)) this.#give(kind.name, key, merged, look.nearest())
    return { record: merged, holders: answered }
  }

  /** The nodes nearest to a point that answer, the nearest first; fewer, if the time is up. Rejects when cancelled. */
  async find (target: Point, patience: Patience): Promise<KnownNode[]> {
    return await this.#find(this.#lookUp(target, this.#options.alpha), patience)
  }

  /**
   * The nodes nearest to this one, wherever they are; they know it from then on. Somebody of each of `sites` is asked
   * first: he knows all of his site, so that nobody is missed, however few are known here. And of those that are told
   * of, some are met at each distance at which hardly anybody is known, since look-ups that come by here go on through
   * them: without them one ends among nodes that know only one another.
   */
  async neighbours (sites: readonly SiteSummary[], patience: Patience): Promise<void> {
    const { known } = this.#ports
    const { alpha, bucketSize } = this.#options
    const { point } = known.self
    const told = (await mapConcurrently(sites, alpha, async site => await this.#askSite(site, point))).flat()
    const look = this.#lookUp(point, alpha, { count: bucketSize })
    look.offer(told, { isTrusted: false })
    await this.#find(look, patience)
    await mapConcurrently(known.scarce(told, FEW), alpha, async node => {
      await this.#askNearest(node, point).catch(ignoreFault)
    })
  }

  async #find (look: LookUp<KnownNode>, { timeoutMs, signal }: Patience): Promise<KnownNode[]> {
    const { known } = this.#ports
    const answered = new Set<NodeId>()
    const ask = async (node: KnownNode): Promise<readonly KnownNode[]> => {
      const told = node.id === known.self.id ? [] : await this.#askNearest(node, look.target)
      answered.add(node.id)
      return told
    }
    await this.#walk(look, { timeoutMs, signal, ask, isEnough: () => false })
    return look.nearest().filter(({ id }) => answered.has(id))
  }

  /** The first of its delegates that answers. */
  async #askSite ({ delegates }: SiteSummary, target: Point): Promise<readonly KnownNode[]> {
    const { known, peers } = this.#ports
    const inOrder = delegates.toSorted((a, b) => peers.costMs(a.id) - peers.costMs(b.id))
    for (const delegate of inOrder) {
      try {
        return await this.#askNearest(known.placed(delegate), target)
      } catch (error) {
        if (!isCloudError(error)) throw error
      }
    }
    return []
  }

  async #askNearest (node: KnownNode, target: Point): Promise<readonly KnownNode[]> {
    const { peers, asker } = this.#ports
    return this.#placed(unpackNodes(await peers.ask(node, { is: 'find', target, asker: asker() })))
  }

  /** `found`: the nearest, where they have just been looked up. */
  #lookUp (
    target: Point, alpha: number,
    { count = this.#options.replicas, found = [] }: { count?: number, found?: readonly KnownNode[] | undefined } = {}
  ): LookUp<KnownNode> {
    const { clock, known, peers } = this.#ports
    known.refresh(clock.monotonicMs())
    const look = new LookUp<KnownNode>(target, { alpha, count, costMs: id => peers.costMs(id) })
    // Some more, in place of those that do not answer.
    look.offer(found.length > 0 ? found : known.nearest(target, 2 * count), { isTrusted: true })
    if (found.length === 0) look.offer(known.strangers(), { isTrusted: false })
    return look
  }

  #sizeOf (look: LookUp<KnownNode>): number {
    return look.progress().nearest
  }

  async #walk (look: LookUp<KnownNode>, options: Parameters<typeof walk>[2]): Promise<Walked> {
    const { clock, peers } = this.#ports
    return await walk({ clock, hedgeMs: id => peers.hedgeMs(id) }, look, options)
  }

  #placed (nodes: readonly Contact[]): KnownNode[] {
    const { known } = this.#ports
    return nodes.slice(0, NODES_MAX).map(contact => known.placed(contact))
  }

  /** Gives holders that answered with less what all have together. */
  #repair (
    kind: RecordKind, key: string, look: LookUp<KnownNode>, answers: ReadonlyMap<NodeId, Answer>,
    merged: Uint8Array | undefined
  ): void {
    if (merged === undefined) return
    const behind = look.nearest().filter(({ id }) => {
      const answer = answers.get(id)
      return answer !== undefined && (answer.record === undefined || !isSameBytes(answer.record, merged))
    })
    this.#ports.metrics.repaired.add(behind.length)
    this.#give(kind.name, key, merged, behind)
  }

  #give (kind: string, key: string, record: Uint8Array, nodes: readonly KnownNode[]): void {
    const { holder, known, peers } = this.#ports
    for (const node of nodes) {
      const give = async (): Promise<void> => {
        if (node.id === known.self.id) holder.take(kind, key, record, node.id)
        else await peers.ask(node, { is: 'put', kind, key, record })
      }
      give().catch(ignoreFault)
    }
  }
}

function majorityOf (count: number): number {
  return Math.floor(count / 2) + 1
}

/** So many of `count` that one of any majority is among them. */
function quorumOf (count: number): number {
  return count - majorityOf(count) + 1
}

function tooFew (did: string, { isTimedOut, faults }: Walked, expected: number): CloudError {
  const told = [...faults.values()].filter(fault =>
    isCloudError(fault, 'EAGAIN', 'EACCES', 'EINVAL', 'E2BIG', 'ENOSYS'))
  const [refusal] = told
  const fields = { holders: expected, faults: [...faults].slice(0, 8).map(([id, { code }]) => `${id}: ${code}`) }
  if (refusal !== undefined && 2 * told.length >= faults.size) {
    return new CloudError(refusal.code, refusal.message, { fields, cause: refusal })
  }
  const code = isTimedOut || [...faults.values()].some(fault => isCloudError(fault, 'ETIMEDOUT'))
    ? 'ETIMEDOUT'
    : 'EHOSTDOWN'
  const message = `Too few of the ${expected} nodes that are nearest to the key ${did}; try again when more are up.`
  return new CloudError(code, message, { fields })
}
