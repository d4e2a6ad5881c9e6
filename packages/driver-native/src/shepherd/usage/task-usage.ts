import type { TaskUsage } from '@welkin/interface'
import type { ProcessIo, ProcessMemory } from '../../proc/process-files.ts'

/**
 * What one process uses, with what its children used that it has waited for. A scaffold is not the task's: of that,
 * only what it knows of the task's CPU time counts.
 */
export interface ProcessUsage {
  cpuSeconds: number
  memory?: ProcessMemory | undefined
  io?: ProcessIo | undefined
  isScaffold?: boolean
}

/**
 * What a task uses, by its processes as they are now and what was known of it before. What grows never falls: a process
 * that nobody waits for takes what it has used with it, which is made up for when the others have used as much.
 */
export function withProcesses (before: TaskUsage, processes: readonly ProcessUsage[]): TaskUsage {
  const memory = processes.flatMap(process => process.memory ?? [])
  const io = processes.flatMap(process => process.io ?? [])
  const memoryBytes = sumOf(memory, ({ bytes }) => bytes)
  const largestBytes = memory.reduce((max, { bytesMax }) => Math.max(max, bytesMax), memoryBytes)
  return {
    cpuSeconds: Math.max(before.cpuSeconds ?? 0, sumOf(processes, ({ cpuSeconds }) => cpuSeconds)),
    memoryBytes,
    memoryBytesMax: Math.max(before.memoryBytesMax ?? 0, largestBytes),
    ...io.length === 0 && before.readBytes === undefined ? {} : {
      readBytes: Math.max(before.readBytes ?? 0, sumOf(io, ({ readBytes }) => readBytes)),
      writtenBytes: Math.max(before.writtenBytes ?? 0, sumOf(io, ({ writtenBytes }) => writtenBytes))
    },
    processes: processes.filter(({ isScaffold }) => isScaffold !== true).length
  }
}

function sumOf<T> (items: readonly T[], valueOf: (item: T) => number): number {
  return items.reduce((sum, item) => sum + valueOf(item), 0)
}

/** What a task has used in all, by what was last known of it and the CPU time that it came to. */
export function atEnd (last: TaskUsage, cpuSeconds: number): TaskUsage {
  const { memoryBytes: _memoryBytes, processes: _processes, ...lasting } = last
  return { ...lasting, cpuSeconds }
}
