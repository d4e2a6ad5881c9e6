import { once } from 'node:events'
import type { Figures } from '../bench.ts'
import { nodesOf, untilFullView, type Crowd, type Household } from '../crowd/crowd.ts'
import type { Views } from '../crowd/views.ts'
import { pass, until } from '../stage.ts'
import { median } from '../statistics.ts'

export interface StoryRules {
  /** Processes that are killed: the last of the crowd, one after the other. */
  losses: number
  /** Seconds in which nothing happens. */
  quiet: number
  /** How often a part of the nodes is stopped, and for how many seconds it is watched what comes of it. */
  stops: number
  after: number
}

const STOP_SECONDS = 1.5
const STOPPED_SHARE = 1 / 4
/** After each loss, so that the next finds nodes at rest. */
const REST_SECONDS = 1

/** Nodes that somebody wrongly came to hold to be down, or to suspect. */
interface Alarms { down: number, suspected: number }

/** Lets the same happen to any crowd: it grows, is left alone, is stopped in part, and loses processes. */
export async function tellStory (crowd: Crowd, { losses, quiet, stops, after }: StoryRules): Promise<Figures> {
  const { fullMs, views } = await untilFullView(crowd)
  const alarmsIn = async (happening: () => Promise<void>): Promise<Alarms> => {
    const sinceMs = Date.now()
    await happening()
    views.hear(await crowd.changes())
    return { down: views.seen('down', sinceMs).size, suspected: views.seen('suspected', sinceMs).size }
  }
  const inQuiet = await alarmsIn(() => pass(quiet))
  const byStops: Alarms[] = []
  for (let round = 0; round < stops; round++) {
    byStops.push(await alarmsIn(async () => {
      await stop(partOf(crowd.households, round))
      await pass(after)
    }))
  }
  const lossesMs: number[] = []
  for (let loss = 1; loss <= losses; loss++) {
    const living = crowd.households.slice(0, crowd.households.length - loss)
    lossesMs.push(await lose(crowd, crowd.households[living.length] as Household, nodesOf(living), views))
    await pass(REST_SECONDS)
  }
  return {
    fullViewSeconds: Math.max(0, fullMs - crowd.answeredMs) / 1000,
    fromStartSeconds: (fullMs - crowd.startedMs) / 1000,
    lossSeconds: median(lossesMs) / 1000,
    lossSecondsMax: Math.max(...lossesMs) / 1000,
    falseInQuiet: inQuiet.down,
    suspectedInQuiet: inQuiet.suspected,
    falseByStops: byStops.reduce((sum, { down }) => sum + down, 0),
    suspectedByStops: byStops.reduce((sum, { suspected }) => sum + suspected, 0)
  }
}

/** Kills a process; resolves with how many milliseconds it took until all others held its nodes to be down. */
async function lose (crowd: Crowd, { process, nodes }: Household, others: string[], views: Views): Promise<number> {
  const ended = once(process, 'exit')
  const killedMs = Date.now()
  process.kill('SIGKILL')
  await ended
  const agreedMs = (): number | undefined => views.agreedMs(others, nodes, 'down')
  await until(async () => {
    views.hear(await crowd.changes())
    return agreedMs() !== undefined
  })
  return agreedMs() as number - killedMs
}

/** Whole processes with a quarter of all nodes in them, as nearly as can be, and others in each round. */
function partOf (households: readonly Household[], round: number): Household[] {
  const first = round % households.length
  const part: Household[] = []
  let left = Math.max(1, Math.floor(nodesOf(households).length * STOPPED_SHARE))
  for (const household of [...households.slice(first), ...households.slice(0, first)]) {
    if (household.nodes.length > left) continue
    part.push(household)
    left -= household.nodes.length
  }
  return part
}

async function stop (households: readonly Household[]): Promise<void> {
  for (const { process } of households) process.kill('SIGSTOP')
  try {
    await pass(STOP_SECONDS)
  } finally {
    for (const { process } of households) process.kill('SIGCONT')
  }
}
