import { putBounded, Retries } from '@welkin/async'
import { CloudError, isCloudError, type Cancel, type NodeId } from '@welkin/interface'
import { connectionLost, type End } from './connection.ts'
import { DetourEnd } from './detour-end.ts'
import type { Host } from './host.ts'

/** As over libp2p: see there. */
const RELAYS_MAX = 4
const PATIENCE_MS = 4000
const HOPELESS_MS = 10_000
const REMEMBERED_MAX = 1000
const LINGER_MS = 2000
const RETRY = { firstMs: 2000, maxMs: 60_000, factor: 2 }
const CONNECTIONS_MAX = 128
const CONNECTIONS_PER_PEER_MAX = 16

/** The choice of the encryption, the keys and the multiplexer, from end to end. */
const ROUND_TRIPS_TO_CONNECT = 3
/** What is said to a relay and by it. */
const QUESTION = { kind: 'open', about: '/welkin/relay/1', payload: new Uint8Array(64) } as const

/** Connections of one host through others, and what it passes on for these. */
export class Detours {
  readonly #host: Host
  readonly #retries: Retries<NodeId>
  readonly #connecting = new Map<NodeId, Promise<End>>()
  /** Until when nobody is asked for a peer. */
  readonly #hopeless = new Map<NodeId, number>()
  /** Open ones, in use or not. */
  readonly #taken = new Set<DetourEnd>()
  /** How many are passed on for each who asked. */
  readonly #passedOn = new Map<NodeId, number>()

  constructor (host: Host) {
    this.#host = host
    const { clock, random } = host
    this.#retries = new Retries<NodeId>({ clock, random, backOff: RETRY, retry: async peer => await this.#retry(peer) })
  }

  /** Whether there is anybody to ask for a way to `peer` now. */
  mayLeadTo (peer: NodeId): boolean {
    const { clock, relays } = this.#host
    if (relays === undefined || (this.#hopeless.get(peer) ?? 0) > clock.monotonicMs()) return false
    return relays.through(peer).length > 0
  }

  /** Whether the direct way to `peer` did not work lately. */
  isRetrying (peer: NodeId): boolean {
    return this.#retries.has(peer)
  }

  /** A connection through the best relay that has a way there. Rejects EHOSTDOWN. */
  async connect (peer: NodeId): Promise<End> {
    let connecting = this.#connecting.get(peer)
    if (connecting === undefined) {
      connecting = this.#connect(peer).finally(() => this.#connecting.delete(peer))
      this.#connecting.set(peer, connecting)
    }
    return await connecting
  }

  /** One has come about, from here or from the other end. */
  hasTaken (end: DetourEnd): void {
    this.#taken.add(end)
    if (this.#host.directTo(end.peer) === undefined) this.#retries.begin(end.peer)
    else this.#closeWhenIdle(end)
  }

  /** What is sent on a direct connection `isMute`: it is of no more use where the peer is reached through others. */
  async doubt (end: End, isMute: () => boolean): Promise<void> {
    const { log, network } = this.#host
    const { peer } = end
    if (end instanceof DetourEnd || !this.mayLeadTo(peer)) return
    try {
      const detour = [...this.#taken].find(taken => taken.peer === peer && !taken.broken) ?? await this.connect(peer)
      if (!isMute()) return
      network.breakBoth(end)
      for (const each of [detour, detour.other]) each.host.adopt(each)
    } catch (error) {
      if (!isCloudError(error)) throw error
      log.debug('overlay.silence_unexplained', { peer, code: error.code })
    }
  }

  /** There is a direct way again: detours are closed as soon as nothing is under way on them. */
  straightened (peer: NodeId): void {
    this.#retries.end(peer)
    for (const end of this.#taken) if (end.peer === peer) this.#closeWhenIdle(end)
  }

  async #connect (peer: NodeId): Promise<End> {
    const { clock, log, name, relays } = this.#host
    const candidates = relays?.through(peer).filter(relay => relay !== name && relay !== peer) ?? []
    for (const relay of candidates.slice(0, RELAYS_MAX)) {
      try {
        return await this.#inTime(this.#through(relay, peer))
      } catch (error) {
        if (!isCloudError(error)) throw error
        log.debug('overlay.detour_failed', { relay, peer, code: error.code })
      }
    }
    this.#hopeless.delete(peer)
    putBounded(this.#hopeless, peer, clock.monotonicMs() + HOPELESS_MS, REMEMBERED_MAX)
    const message = `${peer} is not reached, neither directly nor through others.`
    throw new CloudError('EHOSTDOWN', message, { fields: { peer } })
  }

  async #through (relay: NodeId, peer: NodeId): Promise<End> {
    const { life, name, network } = this.#host
    const near = await this.#host.dial(relay)
    await passed(near)
    const middle = near.other.host.detours
    middle.#check(name, peer)
    const far = await middle.#host.dial(peer)
    await passed(far)
    if (far.other.host.relays?.admits(relay) !== true) throw notAdmitted()
    await passed(far.other)
    await passed(near.other)
    const roundTripMs = [near, far].flatMap(end => [end, end.other])
      .reduce((sum, { host, peer: to }) => sum + network.linkBetween(host.name, to).latencyMs, 0)
    await life.pass(roundTripMs * ROUND_TRIPS_TO_CONNECT)
    if (near.broken || far.broken) throw connectionLost(relay)
    return middle.#join(name, near, far)
  }

  /** At the relay. */
  #check (from: NodeId, to: NodeId): void {
    const { relays } = this.#host
    if (relays?.admits(from) !== true || !relays.admits(to)) throw notAdmitted()
    const all = [...this.#passedOn.values()].reduce((sum, count) => sum + count, 0)
    if (all < CONNECTIONS_MAX && (this.#passedOn.get(from) ?? 0) < CONNECTIONS_PER_PEER_MAX) return
    throw new CloudError('EAGAIN', 'This node passes on no more connections; go through another, or try again later.')
  }

  /** At the relay: a connection over both. */
  #join (from: NodeId, near: End, far: End): End {
    const { network } = this.#host
    this.#passedOn.set(from, (this.#passedOn.get(from) ?? 0) + 1)
    const end = new DetourEnd(network, { near, far }, () => {
      this.#passedOn.set(from, (this.#passedOn.get(from) ?? 1) - 1)
      if (this.#passedOn.get(from) === 0) this.#passedOn.delete(from)
    })
    const other = new DetourEnd(network, { near: far.other, far: near.other })
    end.other = other
    other.other = end
    for (const each of [end, other]) {
      each.host.adopt(each)
      const { detours } = each.host
      each.dependants.add({ lost: () => detours.#lost(each) })
    }
    return end
  }

  #lost (end: DetourEnd): void {
    this.#taken.delete(end)
    if (![...this.#taken].some(({ peer }) => peer === end.peer)) this.#retries.end(end.peer)
  }

  /** The other end learns of the direct way a little later than this one, and may have something under way. */
  #closeWhenIdle (end: DetourEnd, wasIdle = false): void {
    this.#host.life.after(LINGER_MS, () => {
      if (end.broken || this.#host.directTo(end.peer) === undefined) return
      const isIdle = end.dependants.size + end.other.dependants.size === 2 // those that take it from the list
      if (isIdle && wasIdle) end.break(connectionLost(end.peer))
      else this.#closeWhenIdle(end, isIdle)
    })
  }

  async #retry (peer: NodeId): Promise<boolean> {
    return await this.#host.dial(peer).then(() => true, () => false)
  }

  async #inTime (end: Promise<End>): Promise<End> {
    let cancel: Cancel = () => {}
    const late = new Promise<never>((_resolve, reject) => {
      cancel = this.#host.life.after(PATIENCE_MS, () => {
        reject(new CloudError('ETIMEDOUT', 'The relay has not answered in time.'))
      })
    })
    try {
      return await Promise.race([end, late])
    } finally {
      cancel()
    }
  }
}

/** Resolves when a question or an answer has come to the other end; never, if it does not. */
async function passed (end: End): Promise<void> {
  await new Promise<void>(resolve => { end.send(QUESTION, resolve) })
}

function notAdmitted (): CloudError {
  return new CloudError('EACCES', 'Only between members of this cloud anything is passed on.')
}
