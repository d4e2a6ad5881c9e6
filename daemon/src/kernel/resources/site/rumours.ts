import type { NodeId } from '@welkin/interface'
import type { Statement } from '../statements/statement.ts'

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
  readonly heardMs: number
  /** Neighbours that told it, or were told. */
  readonly knownBy: Set<NodeId>
  /** How often it was passed on unasked. */
  tellings: number
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

/**
 * News of the last seconds. A node that asks says which it has, by ids of four bytes, and is told the others, so that
 * nothing long crosses the site more often than it must; what is urgent is passed on unasked, to four. What is missed
 * all the same a comparison of tables finds. Pure.
 */
export class Rumours {
  /** In the order in which they were heard. */
  readonly #kept = new Map<string, Kept>()
  /** Of these, the urgent ones that have not been told often enough, which are few: they are looked at all the time. */
  readonly #hot = new Set<Kept>()

  get size (): number {
    return this.#kept.size
  }

  /** `from`: the neighbour that told it; undefined: it is this node's own. */
  add (rumour: Rumour, from: NodeId | undefined, heardMs: number): void {
    this.#drop(rumour.key) // so that the newest stand last
    const knownBy = new Set(from === undefined ? [] : [from])
    const kept = { ...rumour, id: idOf(rumour.wire), heardMs, knownBy, tellings: 0 }
    this.#kept.set(rumour.key, kept)
    this.#heat(kept)
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= COUNT_MAX) return
      this.#drop(oldest)
    }
  }

  /** `peer` has this very rumour as well. */
  markKnown (key: string, wire: Uint8Array, peer: NodeId): void {
    const kept = this.#kept.get(key)
    if (kept?.id === idOf(wire)) kept.knownBy.add(peer)
  }

  /** Which news this node has, for one who is asked for the others. */
  ids (): Uint8Array {
    const bytes = new Uint8Array(this.#kept.size * ID_BYTES)
    const view = new DataView(bytes.buffer)
    let at = 0
    for (const { id } of this.#kept.values()) {
      view.setUint32(at, id)
      at += ID_BYTES
    }
    return bytes
  }

  /** What `peer` has not heard, given the ids of what it has: newest first, in at most `bytesMax`, one at least. */
  lackedBy (peer: NodeId, ids: Uint8Array, bytesMax: number, nowMs: number): Rumour[] {
    const known = idsIn(ids)
    const isWanted = ({ id, heardMs }: Kept): boolean => nowMs - heardMs < TOLD_MS && !known.has(id)
    return take([...this.#kept.values()].filter(isWanted), peer, bytesMax)
  }

  /** Urgent news that `peer` may not have heard, likewise. */
  urgentFor (peer: NodeId, bytesMax: number): Rumour[] {
    const taken = take([...this.#hot], peer, bytesMax)
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
      kept.knownBy.delete(peer)
      kept.tellings--
      this.#heat(kept)
    }
  }

  /** One wave: those of the neighbours, `width` at the most, that lack most of the urgent news. */
  nextWave (neighbours: readonly NodeId[], width: number): NodeId[] {
    const hot = [...this.#hot]
    const lackOf = (peer: NodeId): number => hot.filter(({ knownBy }) => !knownBy.has(peer)).length
    return neighbours.map(peer => ({ peer, lack: lackOf(peer) })).filter(({ lack }) => lack > 0)
      .toSorted((a, b) => b.lack - a.lack).slice(0, width).map(({ peer }) => peer)
  }

  /** Drops what was heard long ago. */
  expire (nowMs: number): void {
    for (const [key, { heardMs }] of this.#kept) {
      if (nowMs - heardMs < KEPT_MS) return
      this.#drop(key)
    }
  }

  #drop (key: string): void {
    const kept = this.#kept.get(key)
    if (kept === undefined) return
    this.#kept.delete(key)
    this.#hot.delete(kept)
  }

  #heat (kept: Kept): void {
    if (kept.urgent && kept.tellings < TELLINGS_MAX) this.#hot.add(kept)
    else this.#hot.delete(kept)
  }
}

/** Of these, which stand in the order of hearing, the newest that `peer` may not know, in at most `bytesMax`. */
function take (rumours: readonly Kept[], peer: NodeId, bytesMax: number): Kept[] {
  const taken: Kept[] = []
  let bytes = 0
  for (const kept of rumours.toReversed()) {
    if (kept.knownBy.has(peer)) continue
    bytes += kept.wire.byteLength + OVERHEAD_BYTES
    if (bytes > bytesMax && taken.length > 0) break
    kept.knownBy.add(peer)
    taken.push(kept)
  }
  return taken
}

/** What a statement is about, as the key of its rumour. */
export function keyOf (statement: Statement): string {
  const { kind, subject } = statement
  return kind === 'accusation' ? `${kind} ${subject} ${statement.accuser}` : `${kind} ${subject}`
}

/** The first bytes of the signature, which are as good as drawn by chance. */
function idOf (wire: Uint8Array): number {
  return new DataView(wire.buffer, wire.byteOffset, wire.byteLength).getUint32(0)
}

function idsIn (bytes: Uint8Array): ReadonlySet<number> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const ids = new Set<number>()
  for (let at = 0; at + ID_BYTES <= bytes.byteLength; at += ID_BYTES) ids.add(view.getUint32(at))
  return ids
}
