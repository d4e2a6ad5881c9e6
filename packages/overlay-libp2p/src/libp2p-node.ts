import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { gossipsub, type GossipSub } from '@libp2p/gossipsub'
import { identify, type Identify } from '@libp2p/identify'
import type { ComponentLogger, Libp2p, Logger, Upgrader } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { tcp } from '@libp2p/tcp'
import { CloudError } from '@welkin/interface'
import { createLibp2p } from 'libp2p'
import type { Guests } from './gossip.ts'
import { frugalYamux } from './frugal-yamux.ts'
import { inOnePiece } from './in-one-piece.ts'
import { OVERLAY_OPTIONS, type OverlayOptions } from './options.ts'
import { overLinks } from './over-links.ts'
import { exceptRelayed } from './relaying/index.ts'
import type { ShapingPorts } from './shaped-sender.ts'

/** The upgrader is a part of libp2p that makes connections of byte streams, shown here as a service. */
export type Libp2pNode = Libp2p<{ identify: Identify, pubsub: GossipSub, upgrader: Upgrader }>

/**
 * Nothing is lost: what concerns this node's owner is told by errors and events. libp2p's own logger asks for each
 * stream anew whether it writes to a terminal.
 */
const silentLog: Logger = Object.assign(() => {}, {
  enabled: false, trace: () => {}, error: () => {}, newScope: () => silentLog
})
const SILENT_LOGGER: ComponentLogger = { forComponent: () => silentLog }

/** Scores of gossipsub 1.1: who is below the thresholds is neither heard nor told anything. */
const UNWELCOME = -1000
const UNHEARD = { gossipThreshold: -10, publishThreshold: -50, graylistThreshold: -80 }

/**
 * A started libp2p node, which tells of what it sends. Rejects EADDRINUSE, or EINVAL for addresses and keys that cannot
 * be.
 */
export async function startLibp2pNode (
  ports: ShapingPorts, options: OverlayOptions, guests: Guests, onSent: (bytes: number) => void = () => {}
): Promise<Libp2pNode> {
  const { connectionsMax, connectionsPerHostMax, dialTimeoutMs, links, listen, probePeriodMs, seed } = {
    ...OVERLAY_OPTIONS, links: undefined, ...options
  }
  if (seed.byteLength !== 32) {
    throw new CloudError('EINVAL', `A node's key has 32 bytes and this has ${seed.byteLength}; give the right one.`)
  }
  const privateKey = await generateKeyPairFromSeed('Ed25519', seed)
  const self = peerIdFromPrivateKey(privateKey).toString()
  const encryption = inOnePiece(noise(), onSent)
  const node: Libp2pNode = await createLibp2p({
    start: false,
    logger: SILENT_LOGGER,
    privateKey,
    addresses: { listen: [...listen] },
    transports: [tcp({ dialOpts: { noDelay: true }, listenOpts: { noDelay: true } })],
    connectionEncrypters: [exceptRelayed(
      links === undefined ? encryption : overLinks(encryption, ports, { self, links }), noise())],
    streamMuxers: [frugalYamux({ probePeriodMs })], // mplex stalls: it has no flow control
    connectionManager: {
      dialTimeout: dialTimeoutMs,
      addressDialTimeout: dialTimeoutMs,
      maxConnections: connectionsMax,
      // By default five connections a second from one host and ten half-made ones are let in, and a cloud of fifty
      // nodes on one machine does not form.
      inboundConnectionThreshold: connectionsPerHostMax,
      maxIncomingPendingConnections: 1000,
      reconnectRetries: 0 // a link mends itself when it is used
    },
    connectionMonitor: { enabled: false }, // the muxer probes, at a fraction of the cost
    services: {
      identify: identify(),
      upgrader: ({ upgrader }: { upgrader: Upgrader }) => upgrader,
      pubsub: gossipsub({
        // Signed, since the port promises who published, and relays are not to be believed. It costs a signature
        // per message and a check per node; what is frequent does not go by gossip.
        globalSignaturePolicy: 'StrictSign',
        allowPublishToZeroTopicPeers: true, // nobody listens yet: not an error of the publisher
        floodPublish: false, // the mesh is enough, and the publisher's work does not grow with its connections
        fastMsgIdFn: ({ from, seqno }) => `${hex(from)}${hex(seqno)}`, // what was seen is known before it is decoded
        D: 4,
        Dlo: 3,
        Dhi: 6,
        scoreParams: {
          IPColocationFactorWeight: 0, // else a third of the meshes stay empty when nodes share a host
          appSpecificScore: peer => guests.admits(peer) ? 0 : UNWELCOME,
          appSpecificWeight: 1
        },
        scoreThresholds: UNHEARD
      })
    }
  })
  try {
    await node.start()
  } catch (error) {
    await node.stop()
    throw explainListenError(error, listen)
  }
  return node
}

function hex (bytes: Uint8Array | undefined): string {
  return bytes === undefined ? '' : Buffer.from(bytes).toString('hex')
}

// libp2p folds the reason of each address into one message, so that is all there is to match on.
function explainListenError (cause: unknown, listen: readonly string[]): CloudError {
  const because = { fields: { listen: [...listen] }, cause }
  const places = listen.join(', ')
  if (String(cause).includes('EADDRINUSE')) {
    return new CloudError('EADDRINUSE', `Another program listens at ${places}; choose another port.`, because)
  }
  const message = `Cannot listen at ${places}; give addresses of this machine such as /ip4/127.0.0.1/tcp/0.`
  return new CloudError('EINVAL', message, because)
}
