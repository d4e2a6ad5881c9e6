import type { Syscalls } from '@welkin/abi'
import { bench, type Figures } from '../bench.ts'
import { takenBy } from '../proc.ts'
import type { Stage } from '../stage.ts'
import { median } from '../statistics.ts'
import { content } from './content.ts'
import type { RawQuestion } from './raw-peer.ts'

const MEGA = 1e6

/** Bytes that go from one process to another. */
interface Transfer {
  /** Both ends. */
  readonly pids: readonly number[]
  /** Resolves with how many milliseconds it took. */
  run (): Promise<number>
  undo? (): Promise<unknown>
}

/** What one run of a transfer took: of time, and of the CPU at both ends together. */
interface Cost { ms: number, cpuMs: number }

/** How fast a blob goes from node to node, from disk to disk and verified, beside what the connection carries. */
export const blob = bench('A blob from one daemon to another, beside the bare connection', {
  bytes: { about: 'size of the blob', usual: 1024 ** 3, quick: 8 * 1024 ** 2 },
  rounds: { about: 'turns of each contender', usual: 3, quick: 1 }
}, async ({ bytes, rounds }, stage) => {
  const nodes = await stage.cloud(2)
  const pids = nodes.map(({ pid }) => pid)
  const clients = await Promise.all(nodes.map(node => stage.connect(node)))
  const [giver, taker] = clients.map(({ syscalls }) => syscalls) as [Syscalls, Syscalls]
  const startMs = performance.now()
  const { blob: id } = await giver.blob.put({}, { input: content(bytes) })
  const putMs = performance.now() - startMs

  const raw = await rawTransfer(stage, bytes)
  const fetch: Transfer = { pids, run: () => bring(taker, id), undo: () => taker.blob.remove({ blob: id }) }
  const costs = { raw: [] as Cost[], fetch: [] as Cost[] }
  for (let round = 0; round < rounds; round++) {
    costs.raw.push(await costOf(raw))
    costs.fetch.push(await costOf(fetch))
  }

  const figuresOf = (runs: readonly Cost[]): Figures => ({
    MBPerSecond: median(runs.map(({ ms }) => bytes / MEGA / ms * 1000)),
    cpuMsPerMB: median(runs.map(({ cpuMs }) => cpuMs / bytes * MEGA))
  })
  const ratio = median(costs.fetch.map(({ ms }, round) => (costs.raw[round]?.ms ?? Number.NaN) / ms))
  const rssMBMax = Math.max(...(await Promise.all(pids.map(takenBy))).map(taken => taken.rssBytesMax)) / MEGA
  const putMBPerSecond = bytes / MEGA / putMs * 1000
  const fetched = figuresOf(costs.fetch)
  const carried = figuresOf(costs.raw)
  return {
    figures: { ...fetched, putMBPerSecond, ratioToRaw: ratio, rssMBMax },
    rivals: { 'raw connection': carried },
    lines: {
      'fetched by the other node': fetched,
      'raw connection': carried,
      'put by the UNIX socket': { MBPerSecond: putMBPerSecond }
    },
    targets: [
      { what: 'rate beside the raw connection', value: ratio, atLeast: 0.5 },
      { what: 'MB of memory, the larger daemon at its largest', value: rssMBMax, atMost: 200 }
    ],
    notes: [
      `${bytes} bytes; CPU of both ends. The raw connection is one libp2p stream between two processes: TCP, Noise,`,
      'Yamux; no disk, no hash.'
    ]
  }
})

async function costOf ({ pids, run, undo }: Transfer): Promise<Cost> {
  const cpuMs = async (): Promise<number> => {
    return (await Promise.all(pids.map(takenBy))).reduce((sum, taken) => sum + taken.cpuMs, 0)
  }
  const before = await cpuMs()
  const ms = await run()
  const after = await cpuMs()
  await undo?.()
  return { ms, cpuMs: after - before }
}

/** Makes a node bring a blob to its own disk. */
async function bring (taker: Syscalls, id: string): Promise<number> {
  const startMs = performance.now()
  for await (const piece of taker.blob.get({ blob: id, length: 0 })) {
    throw new Error(`${piece.byteLength} bytes came of which none were asked for.`)
  }
  return performance.now() - startMs
}

async function rawTransfer (stage: Stage, bytes: number): Promise<Transfer> {
  const script = new URL('raw-peer.js', import.meta.url)
  const giver = stage.fork(script)
  const taker = stage.fork(script)
  const [from] = await giver.ask<string[]>({ give: true } satisfies RawQuestion) as [string]
  return {
    pids: [giver, taker].map(({ process: { pid } }) => pid as number),
    run: () => taker.ask<number>({ take: bytes, from } satisfies RawQuestion)
  }
}
