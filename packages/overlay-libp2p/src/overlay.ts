import type { Clock, Gossip, Logger, MetricRegister, Random, Transport } from '@welkin/interface'
import { Guests, Libp2pGossip } from './gossip.ts'
import { startLibp2pNode, type Libp2pNode } from './libp2p-node.ts'
import { overlayMetrics, type OverlayMetrics } from './metrics.ts'
import { OVERLAY_OPTIONS, type OverlayOptions } from './options.ts'
import { RELAY_BOUNDS } from './relaying/index.ts'
import { Libp2pTransport } from './transport.ts'

/** What the overlay needs of its machine. */
export interface Libp2pOverlayPorts {
  clock: Clock
  random: Random
  log: Logger
  metrics?: MetricRegister
}

export interface Libp2pOverlay {
  readonly transport: Transport
  readonly gossip: Gossip
  /** Ends every call and connection, within a second or so; never rejects. */
  stop (): Promise<void>
}

/** Starts a node of the overlay. Rejects EADDRINUSE, or EINVAL for addresses and keys that cannot be. */
export async function createLibp2pOverlay (ports: Libp2pOverlayPorts, options: OverlayOptions): Promise<Libp2pOverlay> {
  const guests = new Guests()
  const metrics = overlayMetrics(ports.metrics)
  const node = await startLibp2pNode(ports, options, guests, bytes => {
    metrics.pieces.add()
    metrics.sentBytes.add(bytes)
  })
  return overlayOver(node, guests, ports, options, metrics)
}

/** The ports over a node that was started. */
export function overlayOver (
  node: Libp2pNode, guests: Guests, { clock, random, log }: Libp2pOverlayPorts, options: OverlayOptions,
  metrics: OverlayMetrics = overlayMetrics(undefined)
): Libp2pOverlay {
  const all = { ...OVERLAY_OPTIONS, limits: undefined, ...options }
  const relaying = { ...RELAY_BOUNDS, ...all.relaying }
  const transport = new Libp2pTransport({ ...all, node, clock, random, log, metrics, relaying })
  const countConnections = (): void => metrics.connections.set(node.getConnections().length)
  node.addEventListener('connection:open', countConnections)
  node.addEventListener('connection:close', countConnections)
  return {
    transport,
    gossip: new Libp2pGossip(node.services.pubsub, log, guests),
    stop: async () => {
      transport.close()
      await node.stop()
    }
  }
}
