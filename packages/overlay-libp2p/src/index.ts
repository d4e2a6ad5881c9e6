/** Transport and Gossip over libp2p: one connection per pair of nodes, one stream each way per protocol. */
import './with-resolvers.ts'

export { checkAddress } from './address-book.ts'
export { createLibp2pOverlay, type Libp2pOverlay, type Libp2pOverlayPorts } from './overlay.ts'
export type { OverlayOptions } from './options.ts'
