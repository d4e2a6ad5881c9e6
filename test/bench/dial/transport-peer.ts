import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { randomBytes } from 'node:crypto'
import { joinStreams } from '@welkin/async'
import { SILENT, type Channel } from '@welkin/interface'
import { createLibp2pOverlay } from '@welkin/overlay-libp2p'
import { createNodeClock, createNodeDialer, createNodeMetrics, createNodeRandom } from '@welkin/platform-node'
import { socketStream } from '@welkin/platform-node/socket-stream'
import { answerParent } from '../child.ts'

export type TransportQuestion =
  /** Gives to whoever asks, and leads to the program at this TCP port. */
  | { listen: number }
  | { connect: string }
  /** Opens a TCP port that leads to that program; answered with it. */
  | { carry: true }
  | { take: number }
  | { rounds: number }

const PROTOCOL = '/bench/transport/1'
const PIECE = new Uint8Array(64 * 1024)

/** What a channel is asked for by its first byte. */
const [POUR, ECHO, CARRY] = [0, 1, 2] as const

/** Two of these know what a channel of the Transport carries: that over which two daemons speak, and nothing else. */
const overlay = await createLibp2pOverlay({
  clock: createNodeClock(), random: createNodeRandom(), log: SILENT, metrics: createNodeMetrics()
}, { seed: randomBytes(32), listen: ['/ip4/127.0.0.1/tcp/0'] })
const dialer = createNodeDialer()
let peer = ''

answerParent(async (question: TransportQuestion) => {
  if ('listen' in question) return serve(question.listen)
  if ('connect' in question) {
    peer = await overlay.transport.dial(question.connect)
    return peer
  }
  if ('carry' in question) return await carry()
  return 'take' in question ? await take(question.take) : await pingPong(question.rounds)
})

function serve (port: number): readonly string[] {
  overlay.transport.serve(PROTOCOL, {
    request: async payload => payload,
    channel: async ([wanted], channel) => {
      if (wanted === POUR) await pour(channel)
      else if (wanted === CARRY) await joinStreams(channel, await dialer.connect(port))
      else for await (const message of channel) await channel.send(message)
    }
  })
  return overlay.transport.addresses()
}

async function pour (channel: Channel): Promise<void> {
  for (;;) await channel.send(PIECE)
}

async function carry (): Promise<number> {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, socket => {
    joinStreams(socketStream(socket), open(CARRY)).catch(() => { /* either end has enough */ })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

function open (wanted: number): Channel {
  return overlay.transport.link(peer, PROTOCOL).open(Uint8Array.of(wanted))
}

async function take (bytes: number): Promise<number> {
  const channel = open(POUR)
  const startMs = performance.now()
  let got = 0
  for await (const message of channel) {
    got += message.byteLength
    if (got >= bytes) break
  }
  return performance.now() - startMs
}

async function pingPong (rounds: number): Promise<number[]> {
  const channel = open(ECHO)
  const messages = channel[Symbol.asyncIterator]()
  const tookMs: number[] = []
  for (let round = 0; round < rounds; round++) {
    const startMs = performance.now()
    await channel.send(new Uint8Array(64))
    await messages.next()
    tookMs.push(performance.now() - startMs)
  }
  await messages.return?.()
  return tookMs
}
