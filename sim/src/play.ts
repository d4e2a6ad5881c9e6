import { drawOne, type Cancel, type NodeId, type Zone } from '@welkin/interface'
import type { LinksBetween, Place } from '@welkin/links'
import { account } from './checkers/accounting.ts'
import { areTrue, delusionsIn } from './checkers/convergence.ts'
import { addSent, type Cloud, type Sent } from './cloud.ts'
import type { Stage } from './faults/fault.ts'
import { FAULT_KINDS } from './faults/index.ts'
import { LinkFaults } from './faults/link-faults.ts'
import { tellFault, type PlannedFault } from './faults/plan.ts'
import { Switchboard } from './faults/switchboard.ts'
import type { ScenarioDescription } from './scenario/schema.ts'
import { planJoins } from './workloads/joins.ts'
import { tellSpan } from './scenario/units.ts'
import type { Story } from './story.ts'
import type { Layout } from './topology/layout.ts'
import { TaskCalls } from './workloads/calls.ts'
import { lookAround } from './workloads/looks.ts'
import { moveAround } from './workloads/moves.ts'
import { startWork } from './workloads/workload.ts'

const LOOK_PERIOD_MS = 500
const DELUSIONS_SHOWN = 5

export interface Play extends Pick<Stage, 'inside'> {
  cloud: Cloud
  layout: Layout
  /** As they are while nothing is wrong with them. */
  links: LinksBetween
  scenario: ScenarioDescription
  /** Those that happen; others of the plan are left out. */
  plan: readonly PlannedFault[]
  story: Story
  /** Looks at what goes on from before the first node starts; the results end that. */
  watch: (switches: Switchboard) => readonly Cancel[]
  /** Is told whatever did not hold. */
  broken: (what: string) => void
  outcome: Outcome
  /** Work beside the tasks; it ends with figures when all are of one mind again. */
  names?: { start: () => void, end: () => Promise<Record<string, number>> } | undefined
}

/** What comes of a run, filled in as it goes on. */
export interface Outcome {
  figures: Record<string, number>
  /** How many of the acknowledged objects went to each zone. */
  objects: Record<Zone, number>
}

/**
 * Plays a scenario: nodes join, tasks arrive and faults happen; then faults stop, and the cloud must become of one
 * mind, end all tasks and account for each.
 */
export async function play (parts: Play): Promise<void> {
  const { cloud, scenario, plan, story, broken, outcome: { figures, objects } } = parts
  const switches = new Switchboard(cloud, cloud.random.fork('switchboard'))
  const links = new LinkFaults(cloud.network, parts.links)
  const names = cloud.places.map(({ name }) => name)
  const later = planJoins(scenario.workload.joins, names, scenario.until, cloud.random.fork('joins'))
  const comeLater = [...later].map(([name, atMs]) => ({ atMs, join: switches.keepAway(name) }))
  const watches = parts.watch(switches)

  const atOnce = names.filter(name => !later.has(name))
  story.tell('phase', [], `${atOnce.length} nodes join`)
  await joinAll(cloud, switches, atOnce, scenario.join)
  figures['joinedSeconds'] = await converge(parts, 'full view after joining')

  story.tell('phase', [], `work and ${plan.length} faults for ${tellSpan(scenario.until)}`)
  figures['faults'] = plan.length
  const before = await cloud.sent()
  const tasks = new TaskCalls(cloud)
  for (const { atMs, join } of comeLater) cloud.after(atMs, join)
  const stopWork = startWork(cloud, tasks, scenario)
  const stopLooking = lookAround(cloud, cloud.random.fork('looks'), scenario.workload.looks)
  const stopMoving = moveAround(cloud, cloud.random.fork('moves'), scenario.workload.moves)
  parts.names?.start()
  const endFaults = scheduleFaults(parts, { switches, links })
  await cloud.pass(scenario.until)

  story.tell('phase', [], 'faults stop')
  Object.assign(figures, rates(before, await cloud.sent(), scenario.until / 1000 * cloud.places.length))
  endFaults()
  stopLooking()
  stopMoving()
  const areBackMs = await cloud.until(() => missing(cloud).length === 0, { timeoutMs: scenario.converge })
  if (areBackMs === undefined) broken(`${missing(cloud).join(' ')} did not start again`)
  figures['convergedSeconds'] = await converge(parts, 'full view after the last fault')
  Object.assign(figures, await parts.names?.end())
  stopWork()
  await tasks.settled()
  const refused = [...tasks.refused.values()].reduce((sum, count) => sum + count, 0)
  Object.assign(figures, { acknowledged: tasks.acknowledged.size, refused, unanswered: tasks.unanswered.size })

  story.tell('phase', [], 'tasks end')
  const endedMs = await cloud.until(() => cloud.isIdle(), { periodMs: LOOK_PERIOD_MS, timeoutMs: scenario.end })
  if (endedMs === undefined) broken(`tasks still run ${tellSpan(scenario.end)} after the last fault`)
  figures['endedSeconds'] = (endedMs ?? Number.NaN) / 1000
  const { places, ...fates } = await account(cloud, tasks, switches.darkened, broken)
  Object.assign(figures, fates)
  Object.assign(objects, Object.fromEntries(places))
  checkDowns(parts)
  figures['noticedSeconds'] = await loseOne(parts)
  for (const stop of watches) stop()
  story.tell('phase', [], 'the end')
}

async function joinAll (
  cloud: Cloud, switches: Switchboard, names: readonly NodeId[], withinMs: number
): Promise<void> {
  const random = cloud.random.fork('join')
  const [first, ...others] = names
  await switches.start(first as NodeId)
  await Promise.all(others.map(async name => {
    await cloud.pass(random.unit() * withinMs)
    await switches.start(name)
  }))
}

function missing (cloud: Cloud): NodeId[] {
  const running = new Set(cloud.running())
  return cloud.places.flatMap(({ name }) => running.has(name) ? [] : name)
}

async function isOfOneMind (cloud: Cloud): Promise<boolean> {
  return areTrue(await cloud.views(), cloud.places)
}

/** Seconds until all see the truth. */
async function converge ({ cloud, scenario, story, broken }: Play, what: string): Promise<number> {
  const ms = await cloud.until(() => isOfOneMind(cloud), { timeoutMs: scenario.converge })
  if (ms === undefined) {
    const delusions = delusionsIn(await cloud.views(), cloud.places, DELUSIONS_SHOWN).join('; ')
    broken(`${what} did not come in ${tellSpan(scenario.converge)}: ${delusions}`)
  } else story.tell('phase', [], `${what} after ${tellSpan(ms)}`)
  return (ms ?? Number.NaN) / 1000
}

/** What each node sent in a second, of so many seconds of nodes. */
function rates (before: Sent, after: Sent, nodeSeconds: number): Record<string, number> {
  return Object.fromEntries(Object.entries(addSent(after, before, -1)).map(([what, count]) =>
    [`${what}PerSecond`, count / nodeSeconds]))
}

/** When all is quiet one more machine loses power, for good: the cloud must notice. Seconds until all have. */
async function loseOne (parts: Play): Promise<number> {
  const { cloud, story } = parts
  const lost = drawOne(cloud.random.fork('last loss'), cloud.places) as Place
  story.tell('phase', [lost.name], `${lost.name} loses power for good`)
  cloud.powerOff(lost.name)
  return await converge(parts, `notice of the loss of ${lost.name}`)
}

/** Begins each fault at its time; the returned function ends what lasts and keeps off what has not begun. */
function scheduleFaults (parts: Play, { switches, links }: Pick<Stage, 'switches' | 'links'>): Cancel {
  const { cloud, layout, inside, plan, story } = parts
  const lasting = new Set<Cancel>()
  const mend = recoveries(parts, switches)
  let isOver = false
  for (const fault of plan) {
    const random = cloud.random.fork(`fault ${fault.number}`)
    cloud.after(fault.atMs, () => {
      if (isOver) return
      const tell = (kind: 'fault' | 'mended'): void => {
        story.tell(kind, fault.groups[0] ?? [], tellFault(fault))
        cloud.mark(kind, tellFault(fault))
      }
      tell('fault')
      const undo = FAULT_KINDS[fault.name].begin({ cloud, layout, inside, switches, links, random }, fault)
      const unpart = fault.name === 'partition' ? story.part(fault.groups) : () => {}
      const end = (): void => {
        if (!lasting.delete(end)) return
        undo()
        unpart()
        tell('mended')
        mend()
      }
      lasting.add(end)
      if (Number.isFinite(fault.forMs)) cloud.after(fault.forMs, end)
    })
  }
  return () => {
    isOver = true
    for (const end of lasting) end()
  }
}

/**
 * To be called as each fault ends: of the last, the outcome has how many seconds it took until all were of one mind,
 * since it ended or the last daemon that it had ended answered.
 */
function recoveries ({ cloud, scenario, outcome: { figures } }: Play, switches: Switchboard): () => void {
  let latest = 0
  const watch = async (): Promise<void> => {
    const turn = ++latest
    const mendedMs = cloud.nowMs
    const isWhole = async (): Promise<boolean> =>
      turn !== latest || (missing(cloud).length === 0 && await isOfOneMind(cloud))
    const ms = await cloud.until(isWhole, { timeoutMs: scenario.converge })
    if (turn !== latest || ms === undefined) return
    figures['recoveredSeconds'] = (mendedMs + ms - Math.max(mendedMs, switches.startedMs)) / 1000
  }
  return () => { void watch() }
}

/** Where the scenario says so, nobody may have been declared down while it ran. */
function checkDowns ({ scenario, story, broken }: Play): void {
  if (!scenario.noFalseDowns) return
  const { count, first } = story.downs
  if (count > 0) broken(`${count} times a node was held to be down: ${first}`)
}
