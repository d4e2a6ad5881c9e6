import { randomBytes } from 'node:crypto'
import { SILENT, type Channel } from '@welkin/interface'
import { createLibp2pOverlay } from '@welkin/overlay-libp2p'
import { createNodeClock, createNodeMetrics, createNodeRandom } from '@welkin/platform-node'
import { answerParent } from '../child.ts'

export type TransportQuestion =
  | { listen: true }
  | { connect: string }
  | { take: number }
  | { rounds: number }

const PROTOCOL = '/bench/transport/1'
const PIECE = new Uint8Array(64 * 1024)

/** Two of these know what a channel of the Transport carries: that over which two daemons speak, and nothing else. */
const overlay = await createLibp2pOverlay({
  clock: createNodeClock(), random: createNodeRandom(), log: SILENT, metrics: createNodeMetrics()
}, { seed: randomBytes(32), listen: ['/ip4/127.0.0.1/tcp/0'] })
let peer = ''

answerParent(async (question: TransportQuestion) => {
  if ('listen' in question) return serve()
  if ('connect' in question) {
    peer = await overlay.transport.dial(question.connect)
    return peer
  }
  return 'take' in question ? await take(question.take) : await pingPong(question.rounds)
})

function serve (): readonly string[] {
  overlay.transport.serve(PROTOCOL, {
    request: async payload => payload,
    channel: async (payload, channel) => {
      if (payload[0] === 0) await pour(channel)
      else for await (const message of channel) await channel.send(message)
    }
  })
  return overlay.transport.addresses()
}

async function pour (channel: Channel): Promise<void> {
  for (;;) await channel.send(PIECE)
}

async function take (bytes: number): Promise<number> {
  const channel = overlay.transport.link(peer, PROTOCOL).open(new Uint8Array([0]))
  const startMs = performance.now()
  let got = 0
  for await (const message of channel) {
    got += message.byteLength
    if (got >= bytes) break
  }
  return performance.now() - startMs
}

async function pingPong (rounds: number): Promise<number[]> {
  const channel = overlay.transport.link(peer, PROTOCOL).open(new Uint8Array([1]))
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
