import { setMaxListeners } from 'node:events'
import type { Node } from '@welkin/daemon'
import { grid, VirtualCloud } from '@welkin/sim'
import type { Figures } from '../bench.ts'
import { answerParent } from '../child.ts'

export interface SimQuestion {
  nodes: number
  /** Real seconds that joining and being idle may take, each. */
  seconds: number
  /** Virtual seconds that are enough. */
  virtual: number
}

const JOIN_WITHIN_MS = 5000
const STEP_MS = 100
const MEGA = 1e6

setMaxListeners(0) // one deadline may cut short any number of calls
answerParent(async ({ nodes, seconds, virtual }: SimQuestion): Promise<Figures> => {
  const cloud = new VirtualCloud({ seed: 1, places: grid({ sites: 2, racks: 5, nodes }) })
  let started = false
  void startAll(cloud).then(() => { started = true })
  const allKnowAll = (): boolean => started && cloud.nodes().every(node => knows(node, nodes))
  const join = await run(cloud, { seconds, until: allKnowAll })
  const joined = {
    joinVirtualSeconds: join.virtualSeconds,
    joinVirtualPerReal: join.virtualSeconds / join.realSeconds,
    joinEventsPerSecond: join.events / join.realSeconds
  }
  if (!allKnowAll()) return { ...joined, heapMBMax: join.heapBytesMax / MEGA }

  const idle = await run(cloud, { seconds, until: elapsed => elapsed >= virtual })
  return {
    ...joined,
    idleVirtualPerReal: idle.virtualSeconds / idle.realSeconds,
    idleEventsPerSecond: idle.events / idle.realSeconds,
    heapMBMax: Math.max(join.heapBytesMax, idle.heapBytesMax) / MEGA
  }
})

/** Switches all on within a few seconds; each joins through the first. */
async function startAll (cloud: VirtualCloud): Promise<void> {
  const random = cloud.random.fork('bench')
  const [first, ...others] = cloud.places.map(({ name }) => name)
  await cloud.start(first as string)
  await Promise.all(others.map(async name => {
    await cloud.pass(random.unit() * JOIN_WITHIN_MS)
    await cloud.start(name, [first as string])
  }))
}

interface Span {
  /** Real ones, at the most. */
  seconds: number
  until (virtualSeconds: number): boolean
}

/** Lets virtual time pass, a little at a time, and says what that took. */
async function run (cloud: VirtualCloud, { seconds, until }: Span) {
  const { timeline } = cloud
  const startMs = performance.now()
  const startVirtualMs = timeline.nowMs
  const startEvents = timeline.eventCount
  let heapBytesMax = 0
  const virtualSeconds = (): number => (timeline.nowMs - startVirtualMs) / 1000
  const realSeconds = (): number => (performance.now() - startMs) / 1000
  while (!until(virtualSeconds()) && realSeconds() < seconds) {
    await timeline.runUntil(timeline.nowMs + STEP_MS)
    heapBytesMax = Math.max(heapBytesMax, process.memoryUsage().heapUsed)
  }
  const events = timeline.eventCount - startEvents
  return { virtualSeconds: virtualSeconds(), realSeconds: realSeconds(), events, heapBytesMax }
}

function knows ({ membership }: Node, count: number): boolean {
  return membership.nodes().filter(({ state }) => state === 'up').length === count
}
