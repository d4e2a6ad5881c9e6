import type { Cancel, Random } from '@welkin/interface'
import type { Cloud } from '../cloud.ts'
import type { TasksDescription } from '../scenario/schema.ts'
import { arriveByChance } from './arrivals.ts'
import type { Task, TaskCalls } from './calls.ts'
import { drawExponential } from './exponential.ts'

const SECONDS_MIN = 0.1

/** Tasks that are all alike but for how long they run arrive by chance at nodes that run. */
export function streamTasks (cloud: Cloud, calls: TaskCalls, tasks: TasksDescription): Cancel {
  const random = cloud.random.fork('tasks')
  const meanMs = 60_000 * tasks.together / (tasks.perNodeAndMinute * cloud.places.length)
  return arriveByChance(cloud, random, meanMs, () => calls.ask(random, () => drawTask(tasks, random)))
}

function drawTask ({ runs, cpu, memory, together, restarts }: TasksDescription, random: Random): Task {
  return {
    count: together, cpu, memoryBytes: memory,
    seconds: Math.max(SECONDS_MIN, drawExponential(random, runs) / 1000),
    restarts: random.unit() < restarts
  }
}
