import { fileURLToPath } from 'node:url'
import { dial as dialName } from '@welkin/syscalls'
import type { Connection } from '@welkin/syscalls/connect'
import { bench, type Figures } from '../bench.ts'
import type { Stage } from '../stage.ts'
import { median, quantile } from '../statistics.ts'
import { until } from '../stage.ts'
import type { TransportQuestion } from './transport-peer.ts'
import { bySocks, crowd, pingPong, take, tcp, type Way } from './ways.ts'

const MEGA = 1e6
const PORT = 18_555
const NAME = 'service'

/** One who carries bytes, and how fast. */
interface Contender { take: (bytes: number) => Promise<number>, pingPong: (rounds: number) => Promise<number[]> }

/** What a dialled stream carries from one daemon to another, beside the connection over which the two speak. */
export const dial = bench('A dialled stream from node to node, beside the bare encrypted connection', {
  bytes: { about: 'that each stream carries', usual: 512 * 1024 ** 2, quick: 8 * 1024 ** 2 },
  trips: { about: 'round trips', usual: 3000, quick: 100 },
  rounds: { about: 'turns of each contender', usual: 3, quick: 1 },
  dials: { about: 'dials at once', usual: 1000, quick: 50 }
}, async ({ bytes, trips, rounds, dials }, stage) => {
  const nodes = await stage.cloud(2)
  const [one] = nodes
  const cloud = await stage.connect(one as typeof nodes[number])
  await startService(cloud)
  const target = `${NAME}.object.local:${PORT}`
  const dialled: Way = async () => await dialName(cloud, target)
  const proxied: Way = async () => await bySocks(one?.proxy as string, `${NAME}.object.local`, PORT)
  const direct: Way = async () => await tcp(PORT)
  const contenders: Record<string, Contender> = {
    'bare connection': await bareConnection(stage),
    'dialled': by(dialled),
    'by the proxy': by(proxied),
    'TCP, no cloud': by(direct)
  }
  const rates: Record<string, number[]> = {}
  const tripsMs: Record<string, number[]> = {}
  for (let round = 0; round < rounds; round++) {
    for (const [name, contender] of Object.entries(contenders)) {
      const list = rates[name] ??= []
      list.push(bytes / MEGA / await contender.take(bytes) * 1000)
      const trip = tripsMs[name] ??= []
      trip.push(quantile(await contender.pingPong(trips), 0.5))
    }
  }
  const figuresOf = (name: string): Figures =>
    ({ MBPerSecond: median(rates[name] ?? []), p50Ms: median(tripsMs[name] ?? []) })
  const ratioOf = (name: string): number => median((rates[name] ?? []).map((rate, round) =>
    rate / (rates['bare connection']?.[round] ?? Number.NaN)))
  const addedMs = figuresOf('dialled')['p50Ms'] as number - (figuresOf('bare connection')['p50Ms'] as number)
  const crowdMs = await crowd(dialled, dials)
  const figures = {
    ...figuresOf('dialled'), ratioToBare: ratioOf('dialled'), proxyRatioToBare: ratioOf('by the proxy'), addedMs,
    dialsPerSecond: dials / crowdMs * 1000
  }
  return {
    figures,
    rivals: {
      'bare connection': figuresOf('bare connection'), 'TCP, no cloud': figuresOf('TCP, no cloud')
    },
    lines: Object.fromEntries(Object.keys(contenders).map(name => [name, figuresOf(name)])),
    targets: [
      { what: 'rate beside the bare connection', value: figures.ratioToBare, atLeast: 0.7 },
      { what: 'ms that a round trip takes longer', value: addedMs, atMost: 0.3 },
      { what: `dials a second, ${dials} at once`, value: figures.dialsPerSecond, atLeast: 100 }
    ],
    notes: [
      `${bytes} bytes; round trips of 64 bytes. The bare connection is a channel of the Transport between two`,
      'processes; what is dialled goes from a program over TCP to its daemon, encrypted to the other, and over its',
      'UNIX socket to who has dialled: four processes.'
    ]
  }
})

function by (way: Way): Contender {
  return { take: async bytes => await take(way, bytes), pingPong: async trips => await pingPong(way, trips) }
}

async function startService (cloud: Connection): Promise<void> {
  const script = fileURLToPath(new URL('service.js', import.meta.url))
  const { objects } = await cloud.syscalls.spawn({
    program: { argv: [process.execPath, script, `${PORT}`] }, name: NAME, on: 'n2', ports: { bench: PORT },
    isolation: 'none'
  })
  const id = objects[0]?.id as string
  await until(async () => (await cloud.syscalls.stat({ id })).state === 'running')
  for await (const { bytes } of cloud.syscalls.logs({ id, follow: true })) if (bytes.byteLength > 0) return
}

async function bareConnection (stage: Stage): Promise<Contender> {
  const script = new URL('transport-peer.js', import.meta.url)
  const [giver, taker] = [stage.fork(script), stage.fork(script)]
  const [address] = await giver.ask<string[]>({ listen: true } satisfies TransportQuestion)
  await taker.ask({ connect: address as string } satisfies TransportQuestion)
  return {
    take: async bytes => await taker.ask<number>({ take: bytes } satisfies TransportQuestion),
    pingPong: async trips => await taker.ask<number[]>({ rounds: trips } satisfies TransportQuestion)
  }
}
