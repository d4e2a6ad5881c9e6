import { mapConcurrently } from '@welkin/async'
import {
  ignoreFault, isCloudError, shuffled, siteOf, type Cancel, type Clock, type Coordinate, type Logger, type NodeId,
  type Random, type Transport, type Zone
} from '@welkin/interface'
import type { ResourcesMetrics } from '../metrics.ts'
import type { SiteGossip } from '../site/site-gossip.ts'
import { stampOf, type Member, type SiteTable } from '../site/site-table.ts'
import type { Handle } from '../statements/handle.ts'
import { isLater } from '../statements/stamp.ts'
import type { Rings } from './rings.ts'
import { SelfDoubt } from './self-doubt.ts'
import { suspicionMs } from './suspicion.ts'

/** Others that are asked whether they get through. */
const HELPERS = 3
/** Others that are asked what they have heard of a node before it is held to be down. */
const WITNESSES = 3
/** Accusers that are waited for before the shortest time counts. */
const ACCUSERS_MAX = 3
/** A timer that comes so late tells of a pause of this node: whatever it waited for may have come meanwhile. */
const LATE_MS = 250
/** One that comes so late tells that this node is busy, and slower than others may think. */
const BUSY_MS = 50
/** Nodes that it has never met, and probes at a time: each is to be connected to first. */
const MEETINGS_MAX = 3

export interface DetectorPorts {
  clock: Clock
  random: Random
  transport: Transport
  log: Logger
  metrics: ResourcesMetrics
  table: SiteTable
  rings: Rings
  gossip: SiteGossip
}

export interface DetectorOptions {
  self: Handle
  probePeriodMs: number
  probeTimeoutMs: number
  /** For one that this node has never met. */
  dialTimeoutMs: number
  suspicionMinMs: number
  suspicionMaxMs: number
}

export interface DetectorListener {
  /** This node does not get through to `member`, nor does anybody it asked. */
  accuse: (member: Member) => void
  /** Nobody has heard of it in time. */
  down: (member: Member) => void
  /** A round trip was measured. */
  measured: (peer: NodeId, coordinate: Coordinate | undefined, rttMs: number) => void
}

/**
 * Finds out who is down. Each node probes those it watches in turn; one that is silent is asked for through others,
 * then accused for all to hear, and held to be down when it has not denied that in time: soon where several accuse it,
 * later where one does, who may be cut off itself (Das et al., SWIM, DSN 2002; Dadgar et al., Lifeguard, 2017). A node
 * whose own timers come late, or whose helpers are silent too, doubts itself first and waits longer.
 */
export class Detector {
  readonly #ports: DetectorPorts
  readonly #options: DetectorOptions
  readonly #listener: DetectorListener
  readonly #doubt = new SelfDoubt()
  readonly #probing = new Set<Handle>()
  /** Whether its timer came late the last time. */
  #isBusy = false
  readonly #deadlines = new Map<Handle, Cancel>()
  #cancelWatch: Cancel = () => {}
  #cancelTick: Cancel = () => {}
  #stopped = false
  #turn = 0

  constructor (ports: DetectorPorts, options: DetectorOptions, listener: DetectorListener) {
    this.#ports = ports
    this.#options = options
    this.#listener = listener
  }

  start (): void {
    const { random, table, transport } = this.#ports
    // A lost connection proves nothing, but is a reason to look at once.
    this.#cancelWatch = transport.watch((peer, state) => {
      const member = table.byId(peer)
      if (state === 'disconnected' && member !== undefined && this.#isSubject(member)) void this.#probe(member)
    })
    this.#tickIn(this.#options.probePeriodMs * random.unit())
  }

  stop (): void {
    this.#stopped = true
    this.#cancelWatch()
    this.#cancelTick()
    for (const cancel of this.#deadlines.values()) cancel()
    this.#deadlines.clear()
  }

  /**
   * Somebody does not get through to `member`: this node looks for itself, and the time runs. If that is itself, it may
   * be slow.
   */
  onAccused (member: Member): void {
    if (member.handle === this.#options.self) {
      this.#doubt.grow()
      return
    }
    this.#setDeadline(member)
    const { zone } = member.view
    const isRackInDoubt = this.#isRackInDoubt(zone)
    for (const subject of this.#subjects()) {
      if (subject === member || (isRackInDoubt && subject.view.zone === zone)) void this.#probe(subject)
    }
  }

  /** It has said something since: whatever was said against it is void. Whoever watches it had better look. */
  onHeard (member: Member): void {
    this.#deadlines.get(member.handle)?.()
    if (this.#deadlines.delete(member.handle) && this.#isSubject(member)) void this.#probe(member)
  }

  /** Whether `member` answers this node, asked for another's sake. */
  async reach (member: Member): Promise<boolean> {
    try {
      await this.#exchange(member, this.#options.probeTimeoutMs)
      return true
    } catch (error) {
      if (!isCloudError(error)) throw error
      return false
    }
  }

  #tickIn (delayMs: number): void {
    const { clock } = this.#ports
    const dueMs = clock.monotonicMs() + delayMs
    this.#cancelTick = clock.after(delayMs, () => {
      this.#isBusy = clock.monotonicMs() > dueMs + BUSY_MS
      if (this.#isBusy) this.#doubt.grow()
      const subject = this.#nextSubject()
      if (subject !== undefined) void this.#probe(subject)
      this.#ports.metrics.doubt.set(this.#doubt.factor)
      this.#tickIn(this.#options.probePeriodMs)
    })
  }

  /** Those that this node watches. */
  #subjects (): Member[] {
    const { rings, table } = this.#ports
    return rings.subjectsOf(this.#options.self).flatMap(handle => table.get(handle) ?? [])
  }

  /**
   * The next in turn; while there are enough connections to be made, of those that this node has met: when a cloud is
   * switched on, connections must not be out of date when they are made.
   */
  #nextSubject (): Member | undefined {
    const subjects = this.#subjects()
    const meetings = subjects.filter(({ isMet, handle }) => !isMet && this.#probing.has(handle)).length
    const eligible = meetings >= MEETINGS_MAX ? subjects.filter(({ isMet }) => isMet) : subjects
    return eligible[this.#turn++ % eligible.length]
  }

  #isSubject (member: Member): boolean {
    return this.#subjects().includes(member)
  }

  /** Whether several nodes of a rack are silent: then the rest is worth a look before its turn comes. */
  #isRackInDoubt (zone: Zone): boolean {
    return zone !== siteOf(zone) && this.#ports.table.upIn(zone).filter(({ view }) => view.suspected).length > 1
  }

  /** One probe at a time of each node. Never rejects. */
  async #probe (member: Member): Promise<void> {
    const { handle } = member
    if (this.#stopped || this.#probing.has(handle)) return
    this.#probing.add(handle)
    try {
      await this.#look(member)
    } finally {
      this.#probing.delete(handle)
    }
  }

  async #look (member: Member): Promise<void> {
    const { clock, log, metrics } = this.#ports
    const stamp = stampOf(member)
    const startMs = clock.monotonicMs()
    const usualMs = this.#options.probeTimeoutMs * this.#doubt.factor
    const timeoutMs = member.isMet ? usualMs : Math.max(usualMs, this.#options.dialTimeoutMs)
    try {
      await this.#exchange(member, timeoutMs)
      if (!this.#isBusy) this.#doubt.shrink()
      metrics.probes.add(1, { outcome: 'answered' })
      return
    } catch (error) {
      if (!isCloudError(error)) throw error
      metrics.probes.add(1, { outcome: 'lost' })
      log.debug('resources.probe_lost', { node: member.view.id, code: error.code })
    }
    if (clock.monotonicMs() - startMs > timeoutMs + LATE_MS) {
      this.#doubt.grow()
      return
    }
    if (await this.#isReachedByOthers(member, usualMs) || this.#stopped) return
    const hasSpoken = isLater(stampOf(member), stamp)
    if (!hasSpoken && member.view.state === 'up') this.#listener.accuse(member)
  }

  async #exchange (member: Member, timeoutMs: number): Promise<void> {
    const { id, coordinate } = member.view
    const { rttMs } = await this.#ports.gossip.exchange(id, { pull: true, timeoutMs })
    this.#listener.measured(id, coordinate, rttMs)
  }

  /**
   * Asks a few others that it has met, and more as long as none says yes or no: if those are silent too, that speaks
   * against this node.
   */
  async #isReachedByOthers ({ handle }: Member, timeoutMs: number): Promise<boolean> {
    const neighbours = this.#ports.gossip.neighbours()
    const helpers = neighbours.filter(member => member.isMet && member.handle !== handle).map(({ view }) => view.id)
    while (helpers.length > 0 && !this.#stopped) {
      const answers = await mapConcurrently(helpers.splice(0, HELPERS), HELPERS, async helper =>
        await this.#askHelper(helper, handle, timeoutMs + this.#options.probeTimeoutMs))
      if (answers.includes('reached')) return true
      if (answers.includes('not reached')) return false
      this.#doubt.grow()
    }
    return false
  }

  async #askHelper (
    helper: NodeId, subject: Handle, timeoutMs: number
  ): Promise<'reached' | 'not reached' | 'silent'> {
    try {
      return await this.#ports.gossip.askReach(helper, subject, timeoutMs) ? 'reached' : 'not reached'
    } catch (error) {
      if (!isCloudError(error)) throw error
      return 'silent'
    }
  }

  #setDeadline (member: Member, graceMs = 0): void {
    const { clock, rings, table } = this.#ports
    const { suspicionMinMs: minMs, suspicionMaxMs: maxMs } = this.#options
    this.#deadlines.get(member.handle)?.()
    // Nobody waits for those that may be down as well.
    const observers = rings.observersOf(member.handle).filter(handle => table.get(handle)?.view.suspected !== true)
    const expected = Math.min(ACCUSERS_MAX, observers.length)
    const patienceMs = suspicionMs(member.accusations.size, expected, { minMs, maxMs }) * this.#doubt.factor
    const dueMs = Math.max(member.accusedMs + patienceMs, clock.monotonicMs() + graceMs)
    this.#deadlines.set(member.handle, clock.after(dueMs - clock.monotonicMs(), () => {
      this.#deadlines.delete(member.handle)
      // This node was paused: a denial may stand in its unread messages.
      if (clock.monotonicMs() > dueMs + LATE_MS) this.#setDeadline(member, minMs)
      else if (member.view.suspected === true) void this.#judge(member)
    }))
  }

  /** Holds it to be down, unless somebody whom this node asks has heard the denial that it has missed. */
  async #judge (member: Member): Promise<void> {
    const { gossip, random, transport } = this.#ports
    // Where everybody is accused, those that are accused are better than nobody.
    const witnesses = shuffled(random, gossip.around(transport.self))
      .filter(({ handle, isMet, view }) => isMet && handle !== member.handle && view.state === 'up')
      .toSorted((a, b) => Number(a.view.suspected ?? false) - Number(b.view.suspected ?? false))
    // All at once: a member of ill will may be among them, and who is down is to be known soon.
    await mapConcurrently(witnesses.slice(0, WITNESSES), WITNESSES, async ({ view: { id } }) =>
      await gossip.askAbout(id, member.handle, this.#options.probeTimeoutMs).catch(ignoreFault))
    const isAccusedAgain = this.#deadlines.has(member.handle)
    if (!this.#stopped && member.view.suspected === true && !isAccusedAgain) this.#listener.down(member)
  }
}
