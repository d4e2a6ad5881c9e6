import { bench, type Figures } from '../bench.ts'
import type { Child } from '../child.ts'
import { median, quantile } from '../statistics.ts'
import type { Asked, RelayQuestion } from './peer.ts'

interface Peer { id: string, addresses: readonly string[] }

/** What a detour costs: requests and a channel from one process to another, directly and through a third. */
export const relay = bench('Requests and bytes through a relay, beside the direct way', {
  requests: { about: 'requests a round, one after the other', usual: 5000, quick: 100 },
  bytes: { about: 'bytes of a channel, a round', usual: 256 * 1024 ** 2, quick: 4 * 1024 ** 2 },
  rounds: { about: 'turns of each way', usual: 3, quick: 1 }
}, async ({ requests, bytes, rounds }, stage) => {
  const script = new URL('peer.js', import.meta.url)
  const [near, middle, far] = [stage.fork(script), stage.fork(script), stage.fork(script)] as [Child, Child, Child]
  const to = async <Answer>(peer: Child, question: RelayQuestion): Promise<Answer> => await peer.ask<Answer>(question)
  const relaying = await to<Peer>(middle, { through: [] })
  const end = await to<Peer>(far, { through: [] })
  // Nobody can dial the far one: it has a connection to the relay, as a node behind NAT has.
  await to(far, { dial: relaying.addresses[0] as string })
  await to(near, { know: relaying.id, addresses: relaying.addresses })
  await to(near, { through: [relaying.id] })

  const round = async (of: string): Promise<Figures> => {
    const alone = await to<Asked>(near, { requests, inFlight: 1, of })
    const many = await to<Asked>(near, { requests: 8 * requests, inFlight: 64, of })
    const seconds = await to<number>(near, { bytes, of })
    return {
      p50Ms: quantile(alone.latenciesMs, 0.5), p99Ms: quantile(alone.latenciesMs, 0.99),
      perSecond64: many.latenciesMs.length / many.seconds, MBPerSecond: bytes / 1e6 / seconds
    }
  }
  const direct: Figures[] = []
  const relayed: Figures[] = []
  for (let i = 0; i < rounds; i++) {
    direct.push(await round(relaying.id))
    relayed.push(await round(end.id))
  }
  const lines = { direct: medians(direct), relayed: medians(relayed) }
  return {
    figures: lines.relayed,
    rivals: { 'direct way': lines.direct },
    lines,
    targets: [],
    notes: [
      'Three processes on loopback; requests of 279 bytes, alone and 64 at a time; a channel one way. The relay has no',
      'bound of bytes here. Relayed, all is encrypted twice: from end to end, and on each leg.'
    ]
  }
})

function medians (rounds: readonly Figures[]): Figures {
  const names = Object.keys(rounds[0] ?? {})
  return Object.fromEntries(names.map(name => [name, median(rounds.map(round => round[name] as number))]))
}
