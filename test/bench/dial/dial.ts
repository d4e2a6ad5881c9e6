import { fileURLToPath } from 'node:url'
import type { Connection } from '@welkin/syscalls/connect'
import { bench, type Figures } from '../bench.ts'
import { takenBy } from '../proc.ts'
import type { Stage } from '../stage.ts'
import { median, quantile } from '../statistics.ts'
import { until } from '../stage.ts'
import type { ClientQuestion, ClientWay } from './client.ts'
import type { TransportQuestion } from './transport-peer.ts'

const MEGA = 1e6
const PORT = 18_555
const NAME = 'service'
const RIVALS = ['bare connection', 'bare, between programs', 'TCP, no cloud']

/** One way to carry bytes, how fast it is, and which processes do it. */
interface Contender {
  /** Resolves with milliseconds. */
  take: (bytes: number) => Promise<number>
  pingPong: (rounds: number) => Promise<number[]>
  pids: readonly number[]
}

/** What a dialled stream carries from one daemon to another, beside the connection over which the two speak. */
export const dial = bench('A dialled stream from node to node, beside the bare encrypted connection', {
  bytes: { about: 'that each stream carries', usual: 512 * 1024 ** 2, quick: 8 * 1024 ** 2 },
  trips: { about: 'round trips', usual: 3000, quick: 100 },
  rounds: { about: 'turns of each contender', usual: 3, quick: 1 },
  dials: { about: 'dials at once', usual: 1000, quick: 50 }
}, async ({ bytes, trips, rounds, dials }, stage) => {
  const nodes = await stage.cloud(2)
  const [one, two] = nodes as [typeof nodes[number], typeof nodes[number]]
  const service = await startService(await stage.connect(one))
  const client = stage.fork(new URL('client.js', import.meta.url))
  const by = (way: ClientWay, ...between: number[]): Contender => ({
    take: async wanted => await client.ask<number>({ way, take: wanted } satisfies ClientQuestion),
    pingPong: async wanted => await client.ask<number[]>({ way, trips: wanted } satisfies ClientQuestion),
    pids: [service, ...between, client.process.pid as number]
  })
  const bare = await bareConnection(stage)
  const dialled = { socket: one.socket, target: `${NAME}.object.local:${PORT}` }
  const contenders: Record<string, Contender> = {
    'bare connection': bare,
    'bare, between programs': by({ port: bare.carries }, ...bare.pids),
    'dialled': by(dialled, one.pid, two.pid),
    'by the proxy': by({ proxy: one.proxy as string, name: `${NAME}.object.local`, port: PORT }, one.pid, two.pid),
    'TCP, no cloud': by({ port: PORT })
  }
  const runs: Record<string, Array<{ rate: number, cpuMsPerMB: number, tripMs: number }>> = {}
  for (let round = 0; round < rounds; round++) {
    for (const [name, { take, pingPong, pids }] of Object.entries(contenders)) {
      const beforeMs = await cpuMsOf(pids)
      const rate = bytes / MEGA / await take(bytes) * 1000
      const cpuMsPerMB = (await cpuMsOf(pids) - beforeMs) / (bytes / MEGA)
      const list = runs[name] ??= []
      list.push({ rate, cpuMsPerMB, tripMs: quantile(await pingPong(trips), 0.5) })
    }
  }
  const figuresOf = (name: string) => {
    const list = runs[name] ?? []
    return {
      MBPerSecond: median(list.map(run => run.rate)), cpuMsPerMB: median(list.map(run => run.cpuMsPerMB)),
      p50Ms: median(list.map(run => run.tripMs))
    } satisfies Figures
  }
  /** Within a round, since a machine is not equally busy in all. */
  const ratio = (name: string, other: string): number => median((runs[name] ?? []).map(({ rate }, round) =>
    rate / (runs[other]?.[round]?.rate ?? Number.NaN)))
  const addedMs = figuresOf('dialled').p50Ms - figuresOf('bare connection').p50Ms
  const crowdMs = await client.ask<number>({ way: dialled, dials } satisfies ClientQuestion)
  const figures = {
    ...figuresOf('dialled'), ratioToBare: ratio('dialled', 'bare connection'),
    ratioToBareBetweenPrograms: ratio('dialled', 'bare, between programs'),
    proxyRatioToBare: ratio('by the proxy', 'bare connection'), addedMs, dialsPerSecond: dials / crowdMs * 1000
  }
  return {
    figures,
    rivals: Object.fromEntries(RIVALS.map(name => [name, figuresOf(name)])),
    lines: Object.fromEntries(Object.keys(contenders).map(name => [name, figuresOf(name)])),
    targets: [
      { what: 'rate beside the bare connection', value: figures.ratioToBare, atLeast: 0.7 },
      { what: 'the same with programs at its ends', value: figures.ratioToBareBetweenPrograms, atLeast: 0.7 },
      { what: 'ms that a round trip takes longer', value: addedMs, atMost: 0.3 },
      { what: `dials a second, ${dials} at once`, value: figures.dialsPerSecond, atLeast: 100 }
    ],
    notes: [
      `${bytes} bytes; round trips of 64 bytes. The bare connection is a channel of the Transport between two`,
      'processes. What is dialled goes from a program over TCP to its daemon, encrypted to the other, and over its',
      'UNIX socket to who has dialled: four processes, and so is the bare connection between programs, which has',
      'TCP at both ends. CPU is that of all processes that take part, and does not depend on how busy the machine is.'
    ]
  }
})

async function cpuMsOf (pids: readonly number[]): Promise<number> {
  return (await Promise.all(pids.map(takenBy))).reduce((sum, { cpuMs }) => sum + cpuMs, 0)
}

/** Resolves with its pid. */
async function startService (cloud: Connection): Promise<number> {
  const script = fileURLToPath(new URL('service.js', import.meta.url))
  const { objects } = await cloud.syscalls.spawn({
    program: { argv: [process.execPath, script, `${PORT}`] }, name: NAME, on: 'n2', ports: { bench: PORT },
    isolation: 'none'
  })
  const id = objects[0]?.id as string
  await until(async () => (await cloud.syscalls.stat({ id })).state === 'running')
  for await (const { bytes } of cloud.syscalls.logs({ id, follow: true })) {
    if (bytes.byteLength > 0) return Number(Buffer.from(bytes).toString())
  }
  throw new Error('The service has ended before it was there.')
}

/** `carries`: a TCP port of the one end that leads to the service at the other. */
async function bareConnection (stage: Stage): Promise<Contender & { carries: number }> {
  const script = new URL('transport-peer.js', import.meta.url)
  const [giver, taker] = [stage.fork(script), stage.fork(script)]
  const [address] = await giver.ask<string[]>({ listen: PORT } satisfies TransportQuestion)
  await taker.ask({ connect: address as string } satisfies TransportQuestion)
  return {
    take: async bytes => await taker.ask<number>({ take: bytes } satisfies TransportQuestion),
    pingPong: async trips => await taker.ask<number[]>({ rounds: trips } satisfies TransportQuestion),
    pids: [giver.process.pid as number, taker.process.pid as number],
    carries: await taker.ask<number>({ carry: true } satisfies TransportQuestion)
  }
}
