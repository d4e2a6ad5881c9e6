import type { Capacity, Cloud } from '../cloud.ts'
import type { Task } from './calls.ts'

/** A job as a batch system knows it. */
export interface Job {
  seconds: number
  cpu: number
  /** Undefined: nobody knows. */
  memoryBytes: number | undefined
}

/** The most that is asked for. */
export interface JobLimits {
  /** Seconds. */
  longest: number
  /** Of all machines together. */
  cpuCount: number
  /** Of each. */
  machine: Capacity
}

const SECONDS_MIN = 0.1
const MEMORY_BYTES = 2 ** 20

/** What a cloud can be asked for: no more CPUs than it has, and no longer than `longestMs`. */
export function limitsOf ({ machine, places }: Cloud, longestMs: number): JobLimits {
  return { longest: longestMs / 1000, cpuCount: places.length * machine.cpuCount, machine }
}

function within (least: number, value: number, most: number): number {
  return Math.min(Math.max(least, value), most)
}

/** The job as objects that are all alike: the fewest of which each fits on a machine. */
export function taskOf (job: Job, { longest, cpuCount, machine }: JobLimits, restarts: boolean): Task {
  const cpu = Math.min(job.cpu, cpuCount)
  const count = Math.max(1, Math.ceil(cpu / machine.cpuCount))
  return {
    count, restarts,
    cpu: cpu / count,
    memoryBytes: within(MEMORY_BYTES, Math.ceil((job.memoryBytes ?? 0) / count), machine.memoryBytes),
    seconds: within(SECONDS_MIN, job.seconds, longest)
  }
}
