import type { Syscalls } from '@welkin/abi'
import { bench } from '../bench.ts'
import { takenBy } from '../proc.ts'
import type { Stage } from '../stage.ts'
import { median } from '../statistics.ts'
import { content } from './content.ts'
import type { RawQuestion } from './raw-peer.ts'

const MEGA = 1e6

/** How fast a blob goes from node to node, from disk to disk and verified, beside what the connection carries. */
export const blob = bench('A blob from one daemon to another, beside the bare connection', {
  bytes: { about: 'size of the blob', usual: 1024 ** 3, quick: 8 * 1024 ** 2 },
  rounds: { about: 'turns of each contender', usual: 3, quick: 1 }
}, async ({ bytes, rounds }, stage) => {
  const nodes = await stage.cloud(2)
  const [giver, taker] = await Promise.all(nodes.map(async node => (await stage.connect(node)).syscalls)) as [Syscalls, Syscalls]
  const carryRaw = await rawConnection(stage, bytes)
  const putStartMs = performance.now()
  const { blob: id } = await giver.blob.put({}, { input: content(bytes) })
  const putMs = performance.now() - putStartMs

  const rawMs: number[] = []
  const fetchMs: number[] = []
  for (let round = 0; round < rounds; round++) {
    rawMs.push(await carryRaw())
    fetchMs.push(await fetch(taker, id))
    await taker.blob.remove({ blob: id })
  }

  const rssBytesMax = Math.max(...(await Promise.all(nodes.map(({ pid }) => takenBy(pid)))).map(taken => taken.rssBytesMax))
  const rate = (ms: number): number => bytes / MEGA / ms * 1000
  const fetched = { MBPerSecond: rate(median(fetchMs)) }
  const raw = { MBPerSecond: rate(median(rawMs)) }
  const ratio = median(fetchMs.map((ms, round) => (rawMs[round] ?? Number.NaN) / ms))
  const figures = { ...fetched, putMBPerSecond: rate(putMs), ratioToRaw: ratio, rssMBMax: rssBytesMax / MEGA }
  return {
    figures,
    rivals: { 'raw connection': raw },
    lines: { 'fetched by the other node': fetched, 'put by the UNIX socket': { MBPerSecond: figures.putMBPerSecond }, 'raw connection': raw },
    targets: [
      { what: 'rate beside the raw connection', value: ratio, atLeast: 0.5 },
      { what: 'MB of memory, the larger daemon at its largest', value: figures.rssMBMax, atMost: 200 }
    ],
    notes: [`${bytes} bytes. The raw connection is one libp2p stream between two processes: TCP, Noise, Yamux; no disk, no hash.`]
  }
})

/** Makes a node bring a blob to its own disk; resolves with how long that took. */
async function fetch (taker: Syscalls, id: string): Promise<number> {
  const startMs = performance.now()
  for await (const piece of taker.blob.get({ blob: id, length: 0 })) {
    throw new Error(`${piece.byteLength} bytes came of which none were asked for.`)
  }
  return performance.now() - startMs
}

async function rawConnection (stage: Stage, bytes: number): Promise<() => Promise<number>> {
  const script = new URL('raw-peer.js', import.meta.url)
  const giver = stage.fork(script)
  const taker = stage.fork(script)
  const [address] = await giver.ask<string[]>({ give: true } satisfies RawQuestion)
  return () => taker.ask<number>({ take: bytes, from: address as string } satisfies RawQuestion)
}
