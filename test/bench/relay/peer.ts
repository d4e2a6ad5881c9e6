import { randomBytes } from 'node:crypto'
import { SILENT, type Channel } from '@welkin/interface'
import { createLibp2pOverlay } from '@welkin/overlay-libp2p'
import { createNodeClock, createNodeRandom } from '@welkin/platform-node'
import { answerParent } from '../child.ts'

export type RelayQuestion =
  | { know: string, addresses: readonly string[] }
  | { dial: string }
  | { requests: number, inFlight: number, of: string }
  | { bytes: number, of: string }
  | { through: readonly string[] }

/** Each request took so many milliseconds; all together, in seconds. */
export interface Asked { latenciesMs: number[], seconds: number }

const PROTOCOL = '/bench/relay/1'
const QUESTION = new Uint8Array(279)
const PIECE = new Uint8Array(256 * 1024)

/** A node of the overlay that echoes requests, counts what comes over channels, and relays without bound. */
const { transport } = await createLibp2pOverlay(
  { clock: createNodeClock(), random: createNodeRandom(), log: SILENT },
  {
    seed: randomBytes(32), listen: ['/ip4/127.0.0.1/tcp/0'],
    relaying: { bytesPerSecondMax: Number.POSITIVE_INFINITY }
  }
)
transport.serve(PROTOCOL, {
  request: async payload => payload,
  channel: async (_payload, channel) => {
    let bytes = 0
    for await (const piece of channel) bytes += piece.byteLength
    await channel.send(new TextEncoder().encode(String(bytes)))
  }
})

answerParent(async (question: RelayQuestion) => {
  if ('know' in question) transport.learn(question.know, question.addresses)
  else if ('dial' in question) await transport.dial(question.dial)
  else if ('requests' in question) return await ask(question)
  else if ('bytes' in question) return await send(question)
  else transport.relay({ through: () => question.through, admits: () => true })
  return { id: transport.self, addresses: transport.addresses() }
})

async function ask ({ requests, inFlight, of }: { requests: number, inFlight: number, of: string }): Promise<Asked> {
  const link = transport.link(of, PROTOCOL)
  await link.request(QUESTION)
  const latenciesMs: number[] = []
  const startMs = performance.now()
  await Promise.all(Array.from({ length: inFlight }, async () => {
    for (let i = 0; i < requests / inFlight; i++) {
      const askedMs = performance.now()
      await link.request(QUESTION)
      latenciesMs.push(performance.now() - askedMs)
    }
  }))
  return { latenciesMs, seconds: (performance.now() - startMs) / 1000 }
}

/** Resolves with how many seconds the bytes took. */
async function send ({ bytes, of }: { bytes: number, of: string }): Promise<number> {
  const channel: Channel = transport.link(of, PROTOCOL).open(new Uint8Array())
  const startMs = performance.now()
  for (let sent = 0; sent < bytes; sent += PIECE.byteLength) await channel.send(PIECE)
  await channel.end()
  for await (const count of channel) {
    if (Number(new TextDecoder().decode(count)) < bytes) throw new Error('Bytes are missing.')
  }
  return (performance.now() - startMs) / 1000
}
