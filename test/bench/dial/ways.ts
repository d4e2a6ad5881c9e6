import { connect, type Socket } from 'node:net'
import { CloudError, type ByteStream } from '@welkin/interface'
import { socketStream } from '@welkin/platform-node/socket-stream'

/** A way to the service: each call is another connection. */
export type Way = () => Promise<ByteStream>

const ENOUGH = new CloudError('ECANCELED', 'Enough has come.')

/** Resolves with how many milliseconds so many bytes took. */
export async function take (way: Way, bytes: number): Promise<number> {
  const stream = await way()
  await stream.send(Buffer.from('s'))
  const startMs = performance.now()
  let got = 0
  for await (const piece of stream) {
    got += piece.byteLength
    if (got >= bytes) break
  }
  const tookMs = performance.now() - startMs
  stream.fail(ENOUGH)
  return tookMs
}

/** How many milliseconds each of so many round trips took. */
export async function pingPong (way: Way, rounds: number): Promise<number[]> {
  const stream = await way()
  const pieces = stream[Symbol.asyncIterator]()
  const tookMs: number[] = []
  for (let round = 0; round < rounds; round++) {
    const startMs = performance.now()
    await stream.send(new Uint8Array(64))
    for (let got = 0; got < 64;) got += ((await pieces.next()).value as Uint8Array).byteLength
    tookMs.push(performance.now() - startMs)
  }
  stream.fail(ENOUGH)
  return tookMs
}

/** So many at once: each says something and hears it. Resolves with how many milliseconds all took. */
export async function crowd (way: Way, count: number): Promise<number> {
  const startMs = performance.now()
  const streams = await Promise.all(Array.from({ length: count }, async () => {
    const stream = await way()
    await stream.send(new Uint8Array(64))
    await stream[Symbol.asyncIterator]().next()
    return stream
  }))
  const tookMs = performance.now() - startMs
  for (const stream of streams) stream.fail(ENOUGH)
  return tookMs
}

/** Straight over TCP. */
export async function tcp (port: number, host = '127.0.0.1'): Promise<ByteStream> {
  return socketStream(await connected(port, host))
}

/** By a SOCKS proxy at HOST:PORT. */
export async function bySocks (address: string, name: string, port: number): Promise<ByteStream> {
  const [host = '', proxyPort] = address.split(':')
  const stream = await tcp(Number(proxyPort), host)
  const pieces = stream[Symbol.asyncIterator]()
  await stream.send(new Uint8Array([5, 1, 0]))
  await pieces.next()
  const letters = Buffer.from(name)
  await stream.send(new Uint8Array([5, 1, 0, 3, letters.length, ...letters, port >> 8, port & 255]))
  const { value: reply } = await pieces.next() as { value: Uint8Array }
  if (reply[1] === 0) return stream
  throw new Error(`The proxy has replied ${reply[1]}.`)
}

async function connected (port: number, host: string): Promise<Socket> {
  return await new Promise((resolve, reject) => {
    const socket = connect({ port, host, noDelay: true, allowHalfOpen: true }, () => resolve(socket))
    socket.once('error', reject)
  })
}
