import { CloudError, type NodeId } from '@welkin/interface'
import { Line, PACKET_BYTES, type LinkQuality } from '@welkin/links'
import type { Host } from './host.ts'
import { sizeOf, type Message, type MessageKind } from './message.ts'
import type { Network } from './network.ts'

/** A message on its way, what it does where it arrives, and for how long it is held up there. */
interface Sent { message: Message, deliver: () => void, heldUpMs: number }

/** Messages of one moment share a packet, and so one event. */
interface Packet { sentAtMs: number, sizeBytes: number, reorderRatio: number, sent: Sent[] }

/** How long a message is held up at most: as long as one that is lost once. */
const HELD_UP_MS = 200

/** As over libp2p: after so long it is seen that nothing comes back. */
const MUTE_MS = 4000

/** What a stream of its own carries: a channel's messages share one, and all keep their order. */
const REORDERED: readonly MessageKind[] = ['request', 'answer', 'gossip']

/** What ends with its connection. */
export interface Dependant { lost: (error: CloudError) => void }

/** Two ends that hand messages to each other, in order but where a link says otherwise, until it breaks. */
export class Connection {
  readonly ends: readonly [End, End]

  constructor (network: Network, near: Host, far: Host) {
    const first = new End(network, near)
    const second = new End(network, far)
    first.other = second
    second.other = first
    this.ends = [first, second]
  }
}

/** One node's end of a connection. */
export class End {
  readonly host: Host
  /** What fails when this breaks. */
  readonly dependants = new Set<Dependant>()
  other!: End
  readonly #network: Network
  #broken = false
  #packet: Packet | undefined
  readonly #line = new Line()
  /** When each stream that was held up goes on. */
  readonly #streams = new Map<string, number>()
  /** What was sent since the way was cut, and goes out when it is mended; undefined: it is open. */
  #held: Packet[] | undefined

  constructor (network: Network, host: Host) {
    this.#network = network
    this.host = host
  }

  get peer (): NodeId {
    return this.other.host.name
  }

  get broken (): boolean {
    return this.#broken
  }

  /** Sends; `deliver` is called on arrival, unless either end is gone by then. */
  send (message: Message, deliver: () => void): void {
    if (this.#broken || this.host.life.over) return
    const sizeBytes = sizeOf(message)
    if (this.host !== this.other.host) this.host.station.countSent(sizeBytes)
    const packet = this.#packetFor(sizeBytes)
    packet.sent.push({ message, deliver, heldUpMs: this.#drawHoldUpMs(packet, message) })
  }

  /**
   * Sees whether the way to the other end is cut now. If so, what is sent is held until a later look finds it mended,
   * and the connection breaks if none does in time.
   */
  checkWay (quality = this.#network.linkBetween(this.host.name, this.peer)): void {
    const held = this.#held
    if (quality.cut !== true) {
      this.#held = undefined
      for (const packet of held ?? []) this.#dispatch(packet, quality)
    } else if (held === undefined) {
      const cut: Packet[] = this.#held = []
      const { silenceMsMax, timeline } = this.#network
      timeline.after(silenceMsMax, () => { if (this.#held === cut) this.#network.breakBoth(this) })
      this.host.life.after(MUTE_MS, () => {
        if (this.#held === cut) void this.host.detours.doubt(this, () => this.#held === cut)
      })
    }
  }

  /** Fails all that depends on this end, now. The other end does not learn of it by this. */
  break (error: CloudError): void {
    if (this.#broken) return
    this.#broken = true
    this.host.life.perform(() => {
      this.host.forget(this)
      for (const dependant of this.dependants) dependant.lost(error)
      this.dependants.clear()
    })
  }

  /** How long a message of this packet is held up when it arrives. */
  #drawHoldUpMs ({ reorderRatio }: Packet, { kind }: Message): number {
    if (reorderRatio <= 0 || !REORDERED.includes(kind)) return 0
    const { random } = this.host
    return random.unit() < reorderRatio ? random.unit() * HELD_UP_MS : 0
  }

  // Over libp2p each protocol has a stream for each direction of calling: what is of one stays in order.
  #passOn (sent: Sent): void {
    const { message: { kind, about }, heldUpMs } = sent
    if (heldUpMs === 0 && this.#streams.size === 0) {
      this.#deliver(sent)
      return
    }
    const { timeline } = this.#network
    const stream = `${kind} ${about}`
    const dueMs = Math.max(timeline.nowMs + heldUpMs, this.#streams.get(stream) ?? 0)
    if (dueMs > timeline.nowMs) {
      this.#streams.set(stream, dueMs)
      timeline.after(dueMs - timeline.nowMs, () => this.#deliver(sent))
    } else {
      this.#streams.delete(stream)
      this.#deliver(sent)
    }
  }

  #packetFor (sizeBytes: number): Packet {
    const { nowMs } = this.#network.timeline
    const open = this.#packet
    if (open?.sentAtMs === nowMs && open.sizeBytes + sizeBytes <= PACKET_BYTES) {
      open.sizeBytes += sizeBytes
      return open
    }
    const quality = this.#network.linkBetween(this.host.name, this.peer)
    const packet: Packet = { sentAtMs: nowMs, sizeBytes, reorderRatio: quality.reorderRatio ?? 0, sent: [] }
    this.#packet = packet
    this.checkWay(quality)
    if (this.#held === undefined) this.#dispatch(packet, quality)
    else this.#held.push(packet)
    return packet
  }

  // A packet's time on the line is that of its first message: what joins it later in the same moment is small.
  #dispatch (packet: Packet, quality: LinkQuality): void {
    const { silenceMsMax, timeline } = this.#network
    const { nowMs } = timeline
    const arrivalMs = this.#line.arrivalMs(nowMs, packet.sizeBytes, quality, this.host.random)
    // Lost again and again, it keeps all that follows waiting: probes are not answered, as if the way were cut.
    if (arrivalMs - this.#line.freeMs > silenceMsMax) timeline.after(silenceMsMax, () => this.#network.breakBoth(this))
    else timeline.after(arrivalMs - nowMs, () => this.#arrive(packet))
  }

  #arrive (packet: Packet): void {
    if (this.#packet === packet) this.#packet = undefined
    const { timeline } = this.#network
    // A machine that has been started again knows nothing of its earlier life's connections, and says so.
    if (this.other.host.life.over && this.#network.isUp(this.peer)) {
      timeline.after(timeline.nowMs - packet.sentAtMs, () => this.break(connectionLost(this.peer)))
      return
    }
    for (const sent of packet.sent) this.#passOn(sent)
  }

  #deliver (sent: Sent): void {
    const { life } = this.other.host
    if (life.isAwake) this.#hand(sent)
    else life.perform(() => this.#hand(sent))
  }

  #hand ({ message, deliver }: Sent): void {
    if (this.other.#broken) return
    this.#network.countDelivery(this.host, this.other.host, message)
    deliver()
  }
}

export function connectionLost (peer: NodeId): CloudError {
  return new CloudError('ECONNRESET', `The connection to ${peer} ended; what was under way may have been done or not.`)
}
