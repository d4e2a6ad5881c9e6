import type { Cancel, NodeId, ObjectId } from '@welkin/interface'
import type { VirtualCloud } from '../virtual-cloud.ts'

/**
 * Looks every `periodMs` whether any object's task runs on two machines at once, also while it moves (what stands still
 * does not run); the truth is read off the machines.
 */
export function watchSingleCopies (cloud: VirtualCloud, periodMs: number, fault: (what: string) => void): Cancel {
  return cloud.every(periodMs, () => {
    const seen = new Map<ObjectId, NodeId>()
    for (const [name, { processes }] of cloud.machines) {
      for (const id of processes.runningObjects()) {
        const other = seen.get(id)
        if (other !== undefined) fault(`object ${id} runs on ${other} and ${name} at once`)
        seen.set(id, name)
      }
    }
  })
}
