import type { NodeId } from '@welkin/interface'
import type { Statement } from '../statements/statement.ts'
import { wordIn } from '../statements/word.ts'

/** One statement on its way through the site. */
export interface Rumour {
  /** What it is about; a later one of the same key takes its place. */
  readonly key: string
  readonly wire: Uint8Array
  /** When it was first said, as far as can be told, by this node's clock. */
  readonly statedMs: number
  /** Worth a message of its own; other news waits until somebody asks. */
  readonly urgent: boolean
}

interface Kept extends Rumour {
  readonly id: number
  /** Neighbours that told it, or were told; few. */
  readonly knownBy: NodeId[]
  /** How often it was passed on unasked. */
  tellings: number
  /** Its place in the order of hearing. */
  at: number
}

/** Bytes that a rumour takes beside its wire. */
const OVERHEAD_BYTES = 8
/** Kept at the most; of more news than this in a few seconds the oldest are left to a comparison of tables. */
const COUNT_MAX = 1024
/** An urgent rumour is passed on unasked so often by each node that hears it. */
const TELLINGS_MAX = 4
/** A node tells what it heard for so long … */
const TOLD_MS = 6000
/** … and says for so long that it has it: twice as long, or whoever heard it later would tell it once more. */
const KEPT_MS = 12_000
const ID_BYTES = 4
const PLACES_MIN = 32

/**
 * News of the last seconds. A node that asks says which it has, by ids of four bytes, and is told the others, so that
 * nothing long crosses the site more often than it must; what is urgent is passed on unasked, to four. What is missed
 * all the same a comparison of tables finds. Pure.
 */
export class Rumours {
  readonly #kept = new Map<string, Kept>()
  /**
   * In the order in which they were heard, with holes; their ids and times stand beside them, since each exchange goes
   * through all of these.
   */
  #heard: Array<Kept | undefined> = []
  #ids = new Uint32Array(PLACES_MIN)
  #heardMs = new Float64Array(PLACES_MIN)
  /** Of these, the urgent ones that have not been told often enough, which are few: they are looked at all the time. */
  readonly #hot = new Set<Kept>()

  get size (): number {
    return this.#kept.size
  }

  /** `from`: the neighbour that told it; undefined: it is this node's own. */
  add (rumour: Rumour, from: NodeId | undefined, heardMs: number): void {
    const { key, wire, statedMs, urgent } = rumour
    this.#drop(key) // so that the newest stand last
    if (this.#heard.length === this.#ids.length) this.#closeHoles()
    const at = this.#heard.length
    const knownBy = from === undefined ? [] : [from]
    const kept = { key, wire, statedMs, urgent, id: wordIn(wire), knownBy, tellings: 0, at }
    this.#kept.set(key, kept)
    this.#heard.push(kept)
    this.#ids[at] = kept.id
    this.#heardMs[at] = heardMs
    this.#heat(kept)
    for (const oldest of this.#heard) {
      if (this.#kept.size <= COUNT_MAX) return
      if (oldest !== undefined) this.#drop(oldest.key)
    }
  }

  /** `peer` has this very rumour as well. */
  markKnown (key: string, wire: Uint8Array, peer: NodeId): void {
    const kept = this.#kept.get(key)
    if (kept?.id === wordIn(wire)) note(kept, peer)
  }

  /** Which news this node has, for one who is asked for the others. */
  ids (): Uint8Array {
    const bytes = new Uint8Array(this.#kept.size * ID_BYTES)
    let at = 0
    for (let i = 0; i < this.#heard.length; i++) {
      if (this.#heard[i] === undefined) continue
      const id = this.#ids[i] as number
      bytes[at++] = id >>> 24
      bytes[at++] = id >>> 16
      bytes[at++] = id >>> 8
      bytes[at++] = id
    }
    return bytes
  }

  /** What `peer` has not heard, given the ids of what it has: newest first, in at most `bytesMax`, one at least. */
  lackedBy (peer: NodeId, ids: Uint8Array, bytesMax: number, nowMs: number): Rumour[] {
    const known = idsIn(ids)
    const lacked: Kept[] = []
    for (let i = this.#heard.length - 1; i >= 0 && nowMs - (this.#heardMs[i] as number) < TOLD_MS; i--) {
      if (known.has(this.#ids[i] as number)) continue
      const kept = this.#heard[i]
      if (kept !== undefined) lacked.push(kept)
    }
    return take(lacked, peer, bytesMax)
  }

  /** Urgent news that `peer` may not have heard, likewise. */
  urgentFor (peer: NodeId, bytesMax: number): Rumour[] {
    if (this.#hot.size === 0) return []
    const taken = take([...this.#hot].toReversed(), peer, bytesMax)
    for (const kept of taken) {
      kept.tellings++
      this.#heat(kept)
    }
    return taken
  }

  /** What was told to `peer` unasked did not get there. */
  takeBack (rumours: readonly Rumour[], peer: NodeId): void {
    for (const { key, wire } of rumours) {
      const kept = this.#kept.get(key)
      if (kept?.wire !== wire) continue
      const at = kept.knownBy.indexOf(peer)
      if (at >= 0) kept.knownBy.splice(at, 1)
      kept.tellings--
      this.#heat(kept)
    }
  }

  /** One wave: those of the neighbours, `width` at the most, that lack most of the urgent news. */
  nextWave (neighbours: readonly NodeId[], width: number): NodeId[] {
    const hot = [...this.#hot]
    const lackOf = (peer: NodeId): number =>
      hot.reduce((lack, { knownBy }) => knownBy.includes(peer) ? lack : lack + 1, 0)
    return neighbours.map(peer => ({ peer, lack: lackOf(peer) })).filter(({ lack }) => lack > 0)
      .toSorted((a, b) => b.lack - a.lack).slice(0, width).map(({ peer }) => peer)
  }

  /** Drops what was heard long ago. */
  expire (nowMs: number): void {
    for (let i = 0; i < this.#heard.length && nowMs - (this.#heardMs[i] as number) >= KEPT_MS; i++) {
      const kept = this.#heard[i]
      if (kept !== undefined) this.#drop(kept.key)
    }
  }

  #drop (key: string): void {
    const kept = this.#kept.get(key)
    if (kept === undefined) return
    this.#kept.delete(key)
    this.#hot.delete(kept)
    this.#heard[kept.at] = undefined
  }

  /** Makes room for as many again as there are. */
  #closeHoles (): void {
    const kept = this.#heard.filter(rumour => rumour !== undefined)
    const places = Math.max(PLACES_MIN, 2 * kept.length)
    const heardMs = new Float64Array(places)
    this.#ids = new Uint32Array(places)
    for (const [place, rumour] of kept.entries()) {
      heardMs[place] = this.#heardMs[rumour.at] as number
      this.#ids[place] = rumour.id
      rumour.at = place
    }
    this.#heard = kept
    this.#heardMs = heardMs
  }

  #heat (kept: Kept): void {
    if (kept.urgent && kept.tellings < TELLINGS_MAX) this.#hot.add(kept)
    else this.#hot.delete(kept)
  }
}

/** Of these, which stand newest first, those that `peer` may not know, in at most `bytesMax`. */
function take (rumours: readonly Kept[], peer: NodeId, bytesMax: number): Kept[] {
  const taken: Kept[] = []
  let bytes = 0
  for (const kept of rumours) {
    if (kept.knownBy.includes(peer)) continue
    bytes += kept.wire.byteLength + OVERHEAD_BYTES
    if (bytes > bytesMax && taken.length > 0) break
    kept.knownBy.push(peer)
    taken.push(kept)
  }
  return taken
}

function note ({ knownBy }: Kept, peer: NodeId): void {
  if (!knownBy.includes(peer)) knownBy.push(peer)
}

/** What a statement is about, as the key of its rumour. */
export function keyOf (statement: Statement): string {
  const { kind, subject } = statement
  return kind === 'accusation' ? `${kind} ${subject} ${statement.accuser}` : `${kind} ${subject}`
}

function idsIn (bytes: Uint8Array): ReadonlySet<number> {
  const ids = new Set<number>()
  for (let at = 0; at + ID_BYTES <= bytes.byteLength; at += ID_BYTES) ids.add(wordIn(bytes, at))
  return ids
}
