import { bench, type Figures } from '../bench.ts'
import { untilFullView } from '../crowd/crowd.ts'
import { startSerf } from '../crowd/serf.ts'
import { tcpBytes } from '../network.ts'
import { takenBy, type Taken } from '../proc.ts'
import { pass, type Stage } from '../stage.ts'
import { mean } from '../statistics.ts'

const MEGA = 1e6

/** What a daemon takes of its machine while nobody asks anything of it. */
export const idle = bench('Memory, CPU and bytes of a daemon in a cloud that is idle', {
  nodes: { about: 'sizes of the clouds', usual: [5, 25], quick: [2] },
  seconds: { about: 'how long to look', usual: 20, quick: 1 },
  settle: { about: 'seconds to wait before, since joining is work', usual: 10, quick: 1 }
}, async ({ nodes, seconds, settle }, stage) => {
  const look = async (pids: readonly number[]): Promise<Figures> => {
    await pass(settle)
    return await watch(pids, seconds)
  }
  const figures: Record<string, Figures> = {}
  for (const count of nodes) {
    figures[`cloud of ${count}`] = await stage.within(async inner => look(await cloudOf(inner, count)))
  }
  const serf: Record<string, Figures | null> = {}
  for (const count of nodes) {
    serf[`serf, ${count} agents`] = await stage.within(async inner => {
      const crowd = await startSerf(inner, count)
      if (crowd === undefined) return null
      await untilFullView(crowd)
      return await look(crowd.households.map(({ process: { pid } }) => pid as number))
    })
  }
  return {
    figures,
    rivals: serf,
    lines: { ...figures, ...serf },
    targets: [],
    notes: [
      'Means per process, but for the largest. Bytes are what went over TCP connections both ways, encrypted, as the',
      'system counts them; serf speaks by datagrams, which it does not count.'
    ]
  }
})

async function cloudOf (stage: Stage, count: number): Promise<number[]> {
  return (await stage.cloud(count)).map(({ pid }) => pid)
}

async function watch (pids: readonly number[], seconds: number): Promise<Figures> {
  const startMs = performance.now()
  const [before, bytesBefore] = await Promise.all([takenByAll(pids), tcpBytes()])
  await pass(seconds)
  const [after, bytesAfter] = await Promise.all([takenByAll(pids), tcpBytes()])
  const passed = (performance.now() - startMs) / 1000
  const bytes = pids.map(pid => (bytesAfter?.get(pid) ?? Number.NaN) - (bytesBefore?.get(pid) ?? Number.NaN))
  return {
    rssMB: mean(after.map(({ rssBytes }) => rssBytes)) / MEGA,
    largestRssMB: Math.max(...after.map(({ rssBytes }) => rssBytes)) / MEGA,
    cpuMsPerSecond: (mean(after.map(({ cpuMs }) => cpuMs)) - mean(before.map(({ cpuMs }) => cpuMs))) / passed,
    ...bytes.every(Number.isFinite) ? { bytesPerSecond: mean(bytes) / passed } : {}
  }
}

async function takenByAll (pids: readonly number[]): Promise<Taken[]> {
  return await Promise.all(pids.map(takenBy))
}
