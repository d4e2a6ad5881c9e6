import type { Cancel } from '@welkin/interface'
import type { ScenarioDescription } from '../scenario/schema.ts'
import type { Cloud } from '../cloud.ts'
import type { TaskCalls } from './calls.ts'
import { streamJobs } from './histograms.ts'
import { streamTasks } from './tasks.ts'
import { playTrace } from './trace.ts'

/** Begins all work that a scenario has for its cloud; the returned function lets no more come. */
export function startWork (cloud: Cloud, calls: TaskCalls, { workload, contents }: ScenarioDescription): Cancel {
  const { tasks, trace, histograms } = workload
  const { jobs, classes } = contents
  const ends = [
    streamTasks(cloud, calls, tasks),
    ...trace === undefined || jobs === undefined ? [] : [playTrace(cloud, calls, jobs, trace)],
    ...histograms === undefined || classes === undefined ? [] : [streamJobs(cloud, calls, classes, histograms)]
  ]
  return () => { for (const end of ends) end() }
}
