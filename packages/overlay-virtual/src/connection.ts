import { CloudError, type NodeId } from '@welkin/interface'
import { Line, PACKET_BYTES, type LinkQuality } from '@welkin/links'
import type { Host } from './host.ts'
import { sizeOf, type Message } from './message.ts'
import type { Network } from './network.ts'

/** A message on its way, and what it does where it arrives. */
interface Sent { message: Message, deliver: () => void }

/** Messages of one moment share a packet, and so one event. */
interface Packet { sentAtMs: number, sizeBytes: number, sent: Sent[] }

/** What ends with its connection. */
export interface Dependant { lost: (error: CloudError) => void }

/** Two ends that hand messages to each other, in order, until it breaks. */
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
    this.host.station.countSent(sizeBytes)
    this.#packetFor(sizeBytes).sent.push({ message, deliver })
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

  #packetFor (sizeBytes: number): Packet {
    const { nowMs } = this.#network.timeline
    const open = this.#packet
    if (open?.sentAtMs === nowMs && open.sizeBytes + sizeBytes <= PACKET_BYTES) {
      open.sizeBytes += sizeBytes
      return open
    }
    const packet: Packet = { sentAtMs: nowMs, sizeBytes, sent: [] }
    this.#packet = packet
    const quality = this.#network.linkBetween(this.host.name, this.peer)
    this.checkWay(quality)
    if (this.#held === undefined) this.#dispatch(packet, quality)
    else this.#held.push(packet)
    return packet
  }

  // A packet's time on the line is that of its first message: what joins it later in the same moment is small.
  #dispatch (packet: Packet, quality: LinkQuality): void {
    const { timeline } = this.#network
    const { nowMs } = timeline
    const arrivalMs = this.#line.arrivalMs(nowMs, packet.sizeBytes, quality, this.host.random)
    timeline.after(arrivalMs - nowMs, () => this.#arrive(packet))
  }

  #arrive (packet: Packet): void {
    if (this.#packet === packet) this.#packet = undefined
    const { timeline } = this.#network
    // A machine that has been started again knows nothing of its earlier life's connections, and says so.
    if (this.other.host.life.over && this.#network.isUp(this.peer)) {
      timeline.after(timeline.nowMs - packet.sentAtMs, () => this.break(connectionLost(this.peer)))
      return
    }
    const { life } = this.other.host
    for (const sent of packet.sent) {
      if (life.isAwake) this.#deliver(sent)
      else life.perform(() => this.#deliver(sent))
    }
  }

  #deliver ({ message, deliver }: Sent): void {
    if (this.other.#broken) return
    this.#network.countDelivery(this.host, this.other.host, message)
    deliver()
  }
}

export function connectionLost (peer: NodeId): CloudError {
  return new CloudError('ECONNRESET', `The connection to ${peer} ended; what was under way may have been done or not.`)
}
