import '@welkin/overlay-libp2p/with-resolvers'
import type { Stream } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { answerParent } from '../child.ts'

export type RawQuestion = { give: true } | { take: number, from: string }

const PROTOCOL = '/bench/raw/1'
const PIECE = new Uint8Array(256 * 1024)

/** Two of these know what a libp2p connection carries, with the overlay's encryption, muxer and socket options. */
const node = await createLibp2p({
  addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
  transports: [tcp({ dialOpts: { noDelay: true }, listenOpts: { noDelay: true } })],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()]
})

answerParent(async (question: RawQuestion) => {
  return 'give' in question ? await give() : await take(question.take, question.from)
})

/** Whoever opens a stream gets bytes until it has enough. */
async function give (): Promise<string[]> {
  await node.handle(PROTOCOL, async stream => {
    while (stream.writeStatus === 'writable') {
      if (!stream.send(PIECE)) await onceWritable(stream)
    }
  })
  return node.getMultiaddrs().map(String)
}

/** Resolves with how many milliseconds the bytes took. */
async function take (bytes: number, from: string): Promise<number> {
  const stream = await node.dialProtocol(multiaddr(from), PROTOCOL)
  const startMs = performance.now()
  let got = 0
  for await (const piece of stream) {
    got += piece.byteLength
    if (got >= bytes) break
  }
  const takenMs = performance.now() - startMs
  stream.abort(new Error('Enough has come.'))
  return takenMs
}

async function onceWritable (stream: Stream): Promise<void> {
  await new Promise<void>(resolve => {
    stream.addEventListener('drain', () => resolve(), { once: true })
    stream.addEventListener('close', () => resolve(), { once: true })
  })
}
