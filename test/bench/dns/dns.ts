import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cloudOf } from '@welkin/interface'
import { mapConcurrently } from '@welkin/async'
import { bench, type Figures, type Outcome } from '../bench.ts'
import { isInstalled } from '../programs.ts'
import type { Stage } from '../stage.ts'
import { median } from '../statistics.ts'
import { perform, type Load } from './dnsperf.ts'
import { startDnsmasq } from './dnsmasq.ts'
import { startNsd } from './nsd.ts'

/** A server that answers for `names`. */
interface Contender { readonly what: string, readonly port: number, readonly names: readonly string[] }

const BIND_WIDTH = 8
/** Spellings of names: more than a daemon keeps replies for. */
const SPELLINGS = 20_000

/** How many questions of other programs a daemon answers by UDP, beside servers that are made for nothing else. */
export const dns = bench('DNS queries answered by one daemon, by dnsperf, beside nsd and dnsmasq', {
  names: { about: 'names that are bound', usual: 500, quick: 20 },
  seconds: { about: 'length of a turn', usual: 5, quick: 1 },
  clients: { about: 'sockets that ask', usual: 4, quick: 2 },
  outstanding: { about: 'questions under way at a time', usual: 100, quick: 50 },
  rounds: { about: 'turns of each contender', usual: 3, quick: 1 }
}, async ({ names: count, seconds, clients, outstanding, rounds }, stage) => {
  if (!await isInstalled('dnsperf')) return missing()
  const names = Array.from({ length: count }, (_, at) => `w${at}.bench`)
  const daemon = await startDaemon(stage, names)
  const rivals = { nsd: await startNsd(stage, names), dnsmasq: await startDnsmasq(stage, names) }
  const file = join(stage.folder(), 'queries')
  const turnOf = async ({ port, names: asked }: Contender, spelt: (name: string, nth: number) => string) => {
    const lines = Array.from({ length: Math.max(asked.length, spelt === asItIs ? 0 : SPELLINGS) }, (_, nth) =>
      `${spelt(asked[nth % asked.length] as string, nth)} A\n`)
    await writeFile(file, lines.join(''))
    return await perform(stage, { port, file, seconds, clients, outstanding })
  }
  const turns: Array<[what: string, turn: () => Promise<Load>]> = [
    ['welkind', async () => await turnOf(daemon, asItIs)],
    ['welkind, spelt anew', async () => await turnOf(daemon, spelling)],
    ...Object.entries(rivals).flatMap(([what, port]): Array<[string, () => Promise<Load>]> =>
      port === undefined ? [] : [[what, async () => await turnOf({ ...daemon, what, port }, asItIs)]])
  ]
  const loads = new Map<string, Load[]>(turns.map(([what]) => [what, []]))
  for (let round = 0; round < rounds; round++) {
    for (const [what, turn] of turns) loads.get(what)?.push(await turn())
  }
  const figuresOf = (what: string): Figures | null => {
    const of = loads.get(what) ?? []
    return of.length === 0 ? null : {
      perSecond: median(of.map(load => load.perSecond)),
      meanMs: median(of.map(load => load.meanMs)),
      lostPerMillion: median(of.map(load => load.lostRatio * 1e6))
    }
  }
  const figures = figuresOf('welkind') as Figures
  const { perSecond: speltAnewPerSecond = 0 } = figuresOf('welkind, spelt anew') ?? {}
  const others = { nsd: figuresOf('nsd'), dnsmasq: figuresOf('dnsmasq') }
  return {
    figures: { ...figures, speltAnewPerSecond },
    rivals: others,
    lines: { welkind: figures, 'welkind, spelt anew': figuresOf('welkind, spelt anew'), ...others },
    targets: [{ what: 'queries answered in a second', value: figures['perSecond'] ?? 0, atLeast: 30_000 }],
    notes: [
      `${count} names, A, by UDP over loopback, from the same cores; ${clients} sockets, ${outstanding} under way.`,
      '"Spelt anew": in upper and lower case by chance, as some resolvers ask, to know forged answers.'
    ]
  }
})

function missing (): Outcome {
  const notes = ['dnsperf is not installed: apt-get install dnsperf nsd dnsmasq-base']
  return { figures: {}, rivals: { nsd: null, dnsmasq: null }, lines: { dnsperf: null }, targets: [], notes }
}

async function startDaemon (stage: Stage, names: readonly string[]): Promise<Contender> {
  const info = await stage.daemon()
  const { dns: address, id, zone } = info
  const { syscalls } = await stage.connect(info)
  const cloud = cloudOf(zone)
  await mapConcurrently([...names], BIND_WIDTH, async name => {
    await syscalls.name.bind({ name: `${name}.${cloud}`, to: { node: id }, ttlMs: 10_000 })
  })
  const port = Number(address?.split(':').at(-1))
  return { what: 'welkind', port, names: names.map(name => `${name}.${cloud}.welkin`) }
}

function asItIs (name: string): string {
  return name
}

/** Another case for each letter, as the bits of a number have it. */
function spelling (name: string, nth: number): string {
  const bits = Math.imul(nth + 1, 0x9e3779b1) >>> 0
  return [...name].map((letter, at) => (bits >>> at % 32 & 1) === 1 ? letter.toUpperCase() : letter).join('')
}
