import { drawOne, type Cancel, type NodeId } from '@welkin/interface'
import type { LinksBetween, Place } from '@welkin/links'
import { account } from './checkers/accounting.ts'
import { delusions, seesTheTruth } from './checkers/convergence.ts'
import { watchPromises } from './checkers/promises.ts'
import { watchSingleCopies } from './checkers/single-copy.ts'
import { watchStorms } from './checkers/storms.ts'
import type { Stage } from './faults/fault.ts'
import { FAULT_KINDS } from './faults/index.ts'
import { LinkFaults } from './faults/link-faults.ts'
import { tellFault, type PlannedFault } from './faults/plan.ts'
import { Switchboard } from './faults/switchboard.ts'
import type { Recorder } from './recorder.ts'
import type { ScenarioDescription } from './scenario/schema.ts'
import { planJoins } from './workloads/joins.ts'
import { tellSpan } from './scenario/units.ts'
import type { Layout } from './topology/layout.ts'
import type { VirtualCloud } from './virtual-cloud.ts'
import { TaskCalls } from './workloads/calls.ts'
import { lookAround } from './workloads/looks.ts'
import { startWork } from './workloads/workload.ts'

const LOOK_PERIOD_MS = 500
const DELUSIONS_SHOWN = 5

export interface Play {
  cloud: VirtualCloud
  layout: Layout
  /** As they are while nothing is wrong with them. */
  links: LinksBetween
  scenario: ScenarioDescription
  /** Those that happen; others of the plan are left out. */
  plan: readonly PlannedFault[]
  recorder: Recorder
  samplePeriodMs: number
  /** Is told whatever did not hold. */
  broken: (what: string) => void
}

/**
 * Plays a scenario: nodes join, tasks arrive and faults happen; then faults stop, and the cloud must become of one
 * mind, end all tasks and account for each. Resolves with figures.
 */
export async function play (parts: Play): Promise<Record<string, number>> {
  const { cloud, scenario, recorder, samplePeriodMs, broken } = parts
  const switches = new Switchboard(cloud, cloud.random.fork('switchboard'))
  const links = new LinkFaults(cloud.network, parts.links)
  const names = cloud.places.map(({ name }) => name)
  const later = planJoins(scenario.workload.joins, names, scenario.until, cloud.random.fork('joins'))
  const comeLater = [...later].map(([name, atMs]) => ({ atMs, join: switches.keepAway(name) }))
  const watches = [
    recorder.start(samplePeriodMs, switches),
    watchSingleCopies(cloud, LOOK_PERIOD_MS, broken), watchPromises(cloud, LOOK_PERIOD_MS, broken),
    watchStorms(cloud, broken)
  ]
  const figures: Record<string, number> = {}

  const atOnce = names.filter(name => !later.has(name))
  recorder.tell('phase', [], `${atOnce.length} nodes join`)
  await joinAll(cloud, switches, atOnce, scenario.join)
  figures['joinedSeconds'] = await converge(parts, 'full view after joining')

  recorder.tell('phase', [], `work and ${parts.plan.length} faults for ${tellSpan(scenario.until)}`)
  const tasks = new TaskCalls(cloud)
  for (const { atMs, join } of comeLater) cloud.timeline.after(atMs, join)
  const stopWork = startWork(cloud, tasks, scenario)
  const stopLooking = lookAround(cloud, cloud.random.fork('looks'), scenario.workload.looks)
  const endFaults = scheduleFaults(parts, { switches, links })
  await cloud.pass(scenario.until)

  recorder.tell('phase', [], 'faults stop')
  endFaults()
  stopLooking()
  const missing = (): NodeId[] => cloud.places.flatMap(({ name }) => cloud.node(name) === undefined ? name : [])
  const areBackMs = await cloud.until(() => missing().length === 0, { timeoutMs: scenario.converge })
  if (areBackMs === undefined) broken(`${missing().join(' ')} did not start again`)
  figures['convergedSeconds'] = await converge(parts, 'full view after the last fault')
  stopWork()
  await tasks.settled()

  recorder.tell('phase', [], 'tasks end')
  const isIdle = (): boolean => cloud.nodes().every(({ processes }) => processes.promises().objects === 0)
  const endedMs = await cloud.until(isIdle, { periodMs: LOOK_PERIOD_MS, timeoutMs: scenario.end })
  if (endedMs === undefined) broken(`tasks still run ${tellSpan(scenario.end)} after the last fault`)
  const fates = await account(cloud, tasks, switches.darkened, broken)
  checkDowns(parts)
  figures['noticedSeconds'] = await loseOne(parts)
  for (const stop of watches) stop()
  recorder.tell('phase', [], 'the end')
  const refused = [...tasks.refused.values()].reduce((sum, count) => sum + count, 0)
  return {
    ...figures, endedSeconds: (endedMs ?? Number.NaN) / 1000, faults: parts.plan.length,
    acknowledged: tasks.acknowledged.size, refused, unanswered: tasks.unanswered.size, ...fates
  }
}

async function joinAll (
  cloud: VirtualCloud, switches: Switchboard, names: readonly NodeId[], withinMs: number
): Promise<void> {
  const random = cloud.random.fork('join')
  const [first, ...others] = names
  await switches.start(first as NodeId)
  await Promise.all(others.map(async name => {
    await cloud.pass(random.unit() * withinMs)
    await switches.start(name)
  }))
}

/** Seconds until all see the truth. */
async function converge ({ cloud, scenario, recorder, broken }: Play, what: string): Promise<number> {
  const ms = await cloud.until(() => seesTheTruth(cloud), { timeoutMs: scenario.converge })
  if (ms === undefined) {
    broken(`${what} did not come in ${tellSpan(scenario.converge)}: ${delusions(cloud, DELUSIONS_SHOWN).join('; ')}`)
  } else recorder.tell('phase', [], `${what} after ${tellSpan(ms)}`)
  return (ms ?? Number.NaN) / 1000
}

/** When all is quiet one more machine loses power, for good: the cloud must notice. Seconds until all have. */
async function loseOne (parts: Play): Promise<number> {
  const { cloud, recorder } = parts
  const lost = drawOne(cloud.random.fork('last loss'), cloud.places) as Place
  recorder.tell('phase', [lost.name], `${lost.name} loses power for good`)
  cloud.powerOff(lost.name)
  return await converge(parts, `notice of the loss of ${lost.name}`)
}

/** Begins each fault at its time; the returned function ends what lasts and keeps off what has not begun. */
function scheduleFaults (
  { cloud, layout, plan, recorder }: Play, { switches, links }: Pick<Stage, 'switches' | 'links'>
): Cancel {
  const lasting = new Set<Cancel>()
  let isOver = false
  for (const fault of plan) {
    const random = cloud.random.fork(`fault ${fault.number}`)
    cloud.timeline.after(fault.atMs, () => {
      if (isOver) return
      const tell = (kind: 'fault' | 'mended'): void => {
        recorder.tell(kind, fault.groups[0] ?? [], tellFault(fault))
        cloud.mark(kind, tellFault(fault))
      }
      tell('fault')
      const undo = FAULT_KINDS[fault.name].begin({ cloud, layout, switches, links, random }, fault)
      const unpart = fault.name === 'partition' ? recorder.part(fault.groups) : () => {}
      const end = (): void => {
        if (!lasting.delete(end)) return
        undo()
        unpart()
        tell('mended')
      }
      lasting.add(end)
      if (Number.isFinite(fault.forMs)) cloud.timeline.after(fault.forMs, end)
    })
  }
  return () => {
    isOver = true
    for (const end of lasting) end()
  }
}

/** Where the scenario says so, nobody may have been declared down while it ran. */
function checkDowns ({ scenario, recorder, broken }: Play): void {
  if (!scenario.noFalseDowns) return
  const { count, first } = recorder.downs
  if (count > 0) broken(`${count} times a node was held to be down: ${first}`)
}
