import type { Cancel } from '@welkin/interface'
import type { TraceDescription } from '../scenario/schema.ts'
import type { Cloud } from '../cloud.ts'
import type { TaskCalls } from './calls.ts'
import { limitsOf, taskOf } from './jobs.ts'
import type { TraceJob } from './swf.ts'

/** Jobs arrive when a trace says so, at nodes that are drawn; all its times are divided by `compress`. */
export function playTrace (
  cloud: Cloud, calls: TaskCalls, jobs: readonly TraceJob[], trace: TraceDescription
): Cancel {
  const { compress, from, cpu, longest, restarts } = trace
  const random = cloud.random.fork('trace')
  const limits = limitsOf(cloud, longest)
  const startMs = cloud.nowMs
  const left = jobs.filter(({ submitSeconds }) => submitSeconds * 1000 >= from).values()
  let isOver = false
  // One at a time, since a trace may have millions of jobs.
  const next = (): void => {
    const { value: job } = left.next()
    if (job === undefined) return
    const dueMs = startMs + (job.submitSeconds * 1000 - from) / compress
    cloud.after(Math.max(0, dueMs - cloud.nowMs), () => {
      if (isOver) return
      const { runSeconds, processors, memoryBytes } = job
      const asked = { seconds: runSeconds / compress, cpu: processors * cpu, memoryBytes }
      calls.ask(random, () => taskOf(asked, limits, random.unit() < restarts))
      next()
    })
  }
  next()
  return () => { isOver = true }
}
