import {
  CloudError, drawInteger, drawOne, shuffled, siteOf, zoneContains, type NodeId, type Random, type Zone
} from '@welkin/interface'
import type { Layout } from '../topology/layout.ts'
import type { FaultDescription, ScenarioDescription } from '../scenario/schema.ts'
import { tellSpan } from '../scenario/units.ts'
import { drawExponential } from '../workloads/exponential.ts'
import type { TargetSize } from './fault.ts'
import { FAULT_KINDS, type FaultName } from './index.ts'

/** A fault that is going to happen: plain data, the same for the same scenario and seed. */
export interface PlannedFault {
  /** Its place in the whole plan, by which it is kept or left out. */
  number: number
  name: FaultName
  /** Since all nodes have joined. */
  atMs: number
  forMs: number
  groups: ReadonlyArray<readonly NodeId[]>
  settings: Record<string, unknown>
}

/** A fault that is told no end lasts until faults stop. */
const TO_THE_END = Number.POSITIVE_INFINITY
const DEFAULT_TARGET: TargetSize = 'one node'

/** All faults of one run: those that the scenario tells, then those that its swarm draws. Throws EINVAL. */
export function planFaults (scenario: ScenarioDescription, layout: Layout, random: Random): PlannedFault[] {
  const told = scenario.faults.map(fault => planTold(fault, layout, random))
  const drawn = drawSwarm(scenario, layout, random.fork('swarm'))
  return [...told, ...drawn].map((fault, i) => ({ ...fault, number: i + 1 }))
}

/** One line for people. */
export function tellFault ({ number, name, forMs, groups, settings }: PlannedFault): string {
  const whom = groups.map(tellGroup).join(' | ')
  const how = Object.entries(settings).filter(([, value]) => value !== undefined && value !== 0)
    .map(([key, value]) => ` ${key} ${String(value)}`).join('')
  const span = Number.isFinite(forMs) ? ` for ${tellSpan(forMs)}` : ''
  return `#${number} ${name} of ${whom}${how}${span}`
}

function tellGroup (names: readonly NodeId[]): string {
  return names.length <= 4 ? names.join(' ') : `${names.slice(0, 3).join(' ')} and ${names.length - 3} more`
}

function planTold (told: FaultDescription, layout: Layout, random: Random): Omit<PlannedFault, 'number'> {
  const { fault: name, at, for: forMs = TO_THE_END, of, between, ...settings } = told
  const drawOf = (target: string | readonly string[]): NodeId[] => resolve(target, layout, random)
  const groups = between !== undefined ? between.map(drawOf) : partingRest(name, drawOf(of ?? DEFAULT_TARGET), layout)
  return { name, atMs: at, forMs, groups, settings }
}

/** Each run tries some of the kinds only, often or seldom: bugs hide where all kinds always come (swarm testing). */
function drawSwarm (
  { swarm, until }: ScenarioDescription, layout: Layout, random: Random
): Array<Omit<PlannedFault, 'number'>> {
  if (swarm === undefined) return []
  const tried = shuffled(random, swarm.kinds).slice(0, 1 + drawInteger(random, swarm.kinds.length))
  const everyMs = swarm.every * 3 ** (random.unit() * 2 - 1)
  const faults: Array<Omit<PlannedFault, 'number'>> = []
  for (let atMs = drawExponential(random, everyMs); atMs < until; atMs += drawExponential(random, everyMs)) {
    const name = drawOne(random, tried) as FaultName
    const { settings, strikes, forMsMax, draw } = FAULT_KINDS[name]
    const struck = resolve(drawOne(random, strikes) as TargetSize, layout, random)
    faults.push({
      name, atMs: Math.round(atMs), forMs: Math.round(1000 + random.unit() * forMsMax),
      groups: partingRest(name, struck, layout), settings: settings.parse(draw?.(random) ?? {})
    })
  }
  return faults
}

/** What parts the cloud parts those that it strikes from all others. */
function partingRest (name: FaultName, struck: readonly NodeId[], { places }: Layout): NodeId[][] {
  if (name !== 'partition') return [[...struck]]
  const isStruck = new Set(struck)
  return [[...struck], places.flatMap(place => isStruck.has(place.name) ? [] : place.name)]
}

function resolve (target: string | readonly string[], layout: Layout, random: Random): NodeId[] {
  if (typeof target !== 'string') return [...new Set(target.flatMap(each => resolve(each, layout, random)))]
  const { places } = layout
  const names = places.map(({ name }) => name)
  const within = (zone: Zone): NodeId[] =>
    places.filter(place => zoneContains(zone, place.zone)).map(({ name }) => name)
  if (target === 'one node') return [drawOne(random, names) as NodeId]
  if (target === 'one rack') return within((drawOne(random, places) as typeof places[number]).zone)
  if (target === 'one site') return within(siteOf((drawOne(random, places) as typeof places[number]).zone))
  const [, percent] = /^(\d+(?:\.\d+)?)%$/.exec(target) ?? []
  if (percent !== undefined) {
    return shuffled(random, names).slice(0, Math.max(1, Math.round(names.length * Number(percent) / 100)))
  }
  const found = names.includes(target) ? [target] : within(target)
  if (found.length > 0) return found
  throw new CloudError('EINVAL', `No node and no zone of this cloud is called "${target}"; ` +
    'name one, or say one node, one rack, one site, or 10%.')
}
