import { decode, encode } from '@welkin/abi'
import { drawInteger, shuffled, type Cancel, type NodeId, type Random, type Zone } from '@welkin/interface'
import { EPOCH_MS } from '@welkin/platform-virtual'
import { CLOUD_PROTOCOL, ECHO_PROTOCOL, SITE_PROTOCOL, SUMMARIES_TOPIC, type HostilePeer } from './hostile-peer.ts'
import { openVitals } from './voice.ts'

/**
 * What a node may say that is not so:
 *
 *   garbage      bytes that are no message, and messages that are none
 *   forgery      vitals of others in a later life of theirs, about to leave, under its own signature
 *   accusation   that it does not get through to any of the others
 *   replay       what others have said long ago, as if it were new
 *   reach        that it does not get through to whoever others ask it to try
 *   coordinate   that it stands where it does not
 *   summary      that it speaks for another site, in which nobody is up; nodes believe this one, see docs/simulator.md
 */
export const LIES = ['garbage', 'forgery', 'accusation', 'replay', 'reach', 'coordinate', 'summary'] as const

export type Lie = typeof LIES[number]

const REACH = 2
const GARBAGE_BYTES_MAX = 2000
/** Where vitals have the coordinate: its error in thousandths, height and vector in tenths of a millisecond. */
const COORDINATE = 7
const COORDINATE_MAX = 100_000
const DIMENSIONS = 6
/** A life that is later by so much. */
const LATER_MS = 86_400_000

/** Whom a liar talks to, and what it makes use of. */
export interface Audience {
  /** Of its own site. */
  neighbours: readonly NodeId[]
  /** Other sites. */
  sites: readonly Zone[]
}

/** One who lies, again and again; what it has heard first it repeats for ever. */
export class Liar {
  readonly #random: Random
  readonly #kinds: readonly Lie[]
  #old: Uint8Array[] = []
  #sequence = 0
  /** The life in which its answers are twisted. */
  #life: object | undefined
  #untwist: Cancel[] = []

  constructor (random: Random, kinds: readonly Lie[]) {
    this.#random = random
    this.#kinds = kinds
  }

  /** Tells lies of each kind to one node of its site. */
  async lie (peer: HostilePeer, { neighbours, sites }: Audience): Promise<void> {
    this.#twistAnswers(peer)
    const [told, asked] = shuffled(this.#random, neighbours)
    if (told === undefined) return
    const said = await peer.statementsOf(asked ?? told)
    if (this.#old.length === 0) this.#old = said
    const statements = this.#kinds.flatMap(kind => this.#statements(kind, peer, said))
    if (statements.length > 0) await peer.tell(told, statements)
    if (this.#kinds.includes('garbage')) await this.#talkNonsense(peer, told)
    const [site] = sites
    if (this.#kinds.includes('summary') && site !== undefined) {
      const summary = peer.summary(site, { incarnation: EPOCH_MS + LATER_MS, sequence: ++this.#sequence, up: 0 })
      peer.gossip.publish(SUMMARIES_TOPIC, summary)
      await peer.send(told, CLOUD_PROTOCOL, encode([true, encode([[summary, 0], []])]))
    }
  }

  /** From now on its daemon answers as it should. */
  stop (): void {
    for (const cancel of this.#untwist.splice(0)) cancel()
  }

  #twistAnswers (peer: HostilePeer): void {
    if (this.#life === peer.life) return
    this.#life = peer.life
    const lies: Partial<Record<Lie, () => Cancel>> = {
      reach: () => peer.twist(SITE_PROTOCOL, question => isReach(question) ? [false] : undefined),
      coordinate: () => peer.twist(ECHO_PROTOCOL, () => this.#drawPlace())
    }
    this.#untwist = this.#kinds.flatMap(kind => lies[kind]?.() ?? [])
  }

  #statements (kind: Lie, peer: HostilePeer, said: readonly Uint8Array[]): Uint8Array[] {
    if (kind === 'replay') return this.#old
    const isOwn = (wire: Uint8Array): boolean => openVitals(wire)?.subject === peer.handle
    const vitals = said.filter(wire => openVitals(wire) !== undefined)
    if (kind === 'accusation') return vitals.filter(wire => !isOwn(wire)).map(wire => peer.accusation(wire))
    if (kind === 'forgery') return vitals.filter(wire => !isOwn(wire)).map(wire => this.#forge(peer, wire))
    if (kind === 'coordinate') return vitals.filter(isOwn).map(wire => this.#misplace(peer, wire))
    return []
  }

  /** Vitals of another: it has lived again since, and is about to leave. */
  #forge (peer: HostilePeer, wire: Uint8Array): Uint8Array {
    const { subject, incarnation = 0, packed = [] } = openVitals(wire) ?? {}
    return peer.vitals({ subject, incarnation: incarnation + LATER_MS, version: 0, packed: [1, ...packed.slice(1)] })
  }

  /** Vitals of its own, from where it is not. */
  #misplace (peer: HostilePeer, wire: Uint8Array): Uint8Array {
    const { subject, incarnation, version = 0, packed = [] } = openVitals(wire) ?? {}
    const misplaced = [...packed.slice(0, COORDINATE), this.#drawPlace(), ...packed.slice(COORDINATE + 1)]
    return peer.vitals({ subject, incarnation, version: version + 1, packed: misplaced })
  }

  /** Error, height and vector, as whole numbers. */
  #drawPlace (): number[] {
    const random = this.#random
    const vector = Array.from({ length: DIMENSIONS }, () => drawInteger(random, 2 * COORDINATE_MAX) - COORDINATE_MAX)
    return [0, drawInteger(random, 1000), ...vector]
  }

  async #talkNonsense (peer: HostilePeer, told: NodeId): Promise<void> {
    const random = this.#random
    const noise = random.bytes(drawInteger(random, GARBAGE_BYTES_MAX))
    const wellFormed = encode([drawInteger(random, 6), [noise, -1], drawInteger(random, 100), null])
    for (const payload of [noise, wellFormed]) {
      await peer.send(told, SITE_PROTOCOL, payload)
      await peer.send(told, CLOUD_PROTOCOL, payload)
      peer.gossip.publish(SUMMARIES_TOPIC, payload)
    }
  }
}

/** Whether a question between nodes of a site is whether the asked one gets through to somebody. */
function isReach (question: Uint8Array): boolean {
  try {
    return (decode(question) as unknown[])[0] === REACH
  } catch {
    return false // garbage, of which others know more
  }
}
