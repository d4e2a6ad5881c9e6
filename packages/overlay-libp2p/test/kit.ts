import '../src/with-resolvers.ts'
import { randomBytes } from 'node:crypto'
import type { Channel, CloudError, Handler, LogFields, Logger, NodeId } from '@welkin/interface'
import { createNodeClock, createNodeRandom } from '@welkin/platform-node'
export { rejects } from '@welkin/port-compliance'
import { Guests } from '../src/gossip.ts'
import { startLibp2pNode, type Libp2pNode } from '../src/libp2p-node.ts'
import type { OverlayOptions } from '../src/options.ts'
import { overlayOver, type Libp2pOverlay } from '../src/overlay.ts'

export const PROTOCOL = '/welkin/test/1'

export const clock = createNodeClock()
export const random = createNodeRandom()

/** Keeps what is logged. */
export class TestLog implements Logger {
  readonly events: Array<{ level: string, event: string, fields: LogFields | undefined }> = []
  error (event: string, fields?: LogFields): void { this.events.push({ level: 'error', event, fields }) }
  warn (event: string, fields?: LogFields): void { this.events.push({ level: 'warn', event, fields }) }
  info (event: string, fields?: LogFields): void { this.events.push({ level: 'info', event, fields }) }
  debug (event: string, fields?: LogFields): void { this.events.push({ level: 'debug', event, fields }) }
}

export interface TestNode extends Libp2pOverlay {
  libp2p: Libp2pNode
  log: TestLog
}

export function options (more: Partial<OverlayOptions> = {}): OverlayOptions {
  return { seed: randomBytes(32), listen: ['/ip4/127.0.0.1/tcp/0'], ...more }
}

export async function startNode (more: Partial<OverlayOptions> = {}): Promise<TestNode> {
  const all = options(more)
  const guests = new Guests()
  const libp2p = await startLibp2pNode({ clock, random }, all, guests)
  const log = new TestLog()
  return { ...overlayOver(libp2p, guests, { clock, random, log }, all), libp2p, log }
}

/** Nodes on loopback that know one another's addresses. */
export async function startNodes (count: number, more: Partial<OverlayOptions> = {}): Promise<TestNode[]> {
  const nodes = await Promise.all(Array.from({ length: count }, () => startNode(more)))
  for (const { transport } of nodes) {
    for (const other of nodes) {
      if (other.transport !== transport) transport.learn(other.transport.self, other.transport.addresses())
    }
  }
  return nodes
}

export async function stopAll (nodes: readonly Libp2pOverlay[]): Promise<void> {
  await Promise.all(nodes.map(node => node.stop()))
}

/** Cuts every connection between two nodes, without a farewell. */
export function cut (left: TestNode, right: TestNode): void {
  const connections = left.libp2p.getConnections(right.libp2p.peerId)
  for (const connection of connections) connection.abort(new Error('The test cuts it.'))
}

/** Resolves with the next peer that `node` loses. */
export async function loss (node: TestNode): Promise<NodeId> {
  return await new Promise(resolve => {
    const cancel = node.transport.watch((peer, state) => {
      if (state !== 'disconnected') return
      cancel()
      resolve(peer)
    })
  })
}

export const ECHO: Handler = {
  request: async payload => payload,
  channel: async (_payload, channel) => { for await (const message of channel) await channel.send(message) }
}

export async function rejection (promise: Promise<unknown>): Promise<CloudError> {
  return await promise.then(() => { throw new Error('It was fulfilled.') }, (error: CloudError) => error)
}

export async function readAll (channel: Channel): Promise<string[]> {
  const messages: string[] = []
  for await (const message of channel) messages.push(read(message))
  return messages
}

export const text = (value: string): Uint8Array => new TextEncoder().encode(value)
export const read = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

/** Resolves when a message of `topic` would reach all subscribers: neighbours know of them, and meshes have formed. */
export async function meshed (nodes: readonly TestNode[], topic: string): Promise<void> {
  const listens = ({ libp2p }: TestNode): boolean => libp2p.services.pubsub.getTopics().includes(topic)
  const isMeshed = (): boolean => nodes.every(node => {
    const isNeighbour = ({ libp2p }: TestNode): boolean => node.libp2p.getConnections(libp2p.peerId).length > 0
    const neighbours = nodes.filter(other => listens(other) && isNeighbour(other)).length
    const known = nodes.filter(({ libp2p: { peerId } }) =>
      node.libp2p.services.pubsub.getSubscribers(topic).some(subscriber => subscriber.equals(peerId)))
    if (known.length !== neighbours) return false
    return !listens(node) || meshPeers(node.libp2p, topic) >= Math.min(3, neighbours)
  })
  while (!isMeshed()) await anyEvent(nodes)
}

function meshPeers ({ services: { pubsub } }: Libp2pNode, topic: string): number {
  return (pubsub as unknown as { getMeshPeers: (topic: string) => string[] }).getMeshPeers(topic).length
}

// A heartbeat comes once a second if nothing else does.
async function anyEvent (nodes: readonly TestNode[]): Promise<void> {
  await new Promise<void>(resolve => {
    for (const { libp2p: { services: { pubsub } } } of nodes) {
      for (const event of ['subscription-change', 'gossipsub:graft', 'gossipsub:heartbeat'] as const) {
        pubsub.addEventListener(event, () => resolve(), { once: true })
      }
    }
  })
}
