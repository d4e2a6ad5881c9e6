import { CloudError, type NodeId } from '@welkin/interface'
import type { Host } from './host.ts'
import { drawTransitMs } from './links.ts'
import { sizeOf, type Message } from './message.ts'
import type { Network } from './network.ts'

/** Messages of one moment share a packet up to this size, and so one event. */
const PACKET_BYTES = 64 * 1024

interface Packet { sentAtMs: number, sizeBytes: number, deliveries: Array<() => void> }

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
  /** Sent while the way was cut; goes out when it is mended. */
  #held: Packet[] = []
  #lineFreeMs = 0
  #arrivalMs = 0

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
    this.host.station.countSent(sizeOf(message))
    const packet = this.#packetFor(sizeOf(message))
    packet.deliveries.push(() => this.other.host.life.perform(() => {
      if (this.other.#broken) return
      this.#network.countDelivery(this.host, this.other.host, message)
      deliver()
    }))
  }

  /** Sends what was held back by a cut. */
  release (): void {
    for (const packet of this.#held.splice(0)) this.#dispatch(packet)
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
    const packet = { sentAtMs: nowMs, sizeBytes, deliveries: [] }
    this.#packet = packet
    if (this.host.station.isCutTo(this.peer)) this.#held.push(packet)
    else this.#dispatch(packet)
    return packet
  }

  // A packet's time on the line is that of its first message: what joins it later in the same moment is small.
  #dispatch (packet: Packet): void {
    const { timeline, links } = this.#network
    const quality = links(this.host.name, this.peer)
    const { nowMs } = timeline
    this.#lineFreeMs = Math.max(nowMs, this.#lineFreeMs) + packet.sizeBytes / quality.bytesPerSecond * 1000
    this.#arrivalMs = Math.max(this.#arrivalMs, this.#lineFreeMs + drawTransitMs(quality, this.host.random))
    timeline.after(this.#arrivalMs - nowMs, () => this.#arrive(packet))
  }

  #arrive (packet: Packet): void {
    if (this.#packet === packet) this.#packet = undefined
    // A machine that has been started again knows nothing of its earlier life's connections, and says so.
    if (this.other.host.life.over && this.#network.isUp(this.peer)) {
      this.#network.timeline.after(this.#arrivalMs - packet.sentAtMs, () => this.break(connectionLost(this.peer)))
      return
    }
    for (const deliver of packet.deliveries) deliver()
  }
}

export function connectionLost (peer: NodeId): CloudError {
  return new CloudError('ECONNRESET', `The connection to ${peer} ended; what was under way may have been done or not.`)
}
