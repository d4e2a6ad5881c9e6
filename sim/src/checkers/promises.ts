import type { Cancel } from '@welkin/interface'
import type { VirtualCloud } from '../virtual-cloud.ts'

/** Looks every `periodMs` whether any node has promised more CPUs or memory than its machine has. */
export function watchPromises (cloud: VirtualCloud, periodMs: number, fault: (what: string) => void): Cancel {
  return cloud.every(periodMs, () => {
    for (const { id, membership, processes } of cloud.nodes()) {
      const { cpuPromised, memoryPromisedBytes } = processes.promises()
      const facts = membership.node(id)?.machine
      if (facts === undefined) continue
      if (cpuPromised > facts.cpuCount + 1e-6) fault(`${id} has promised ${cpuPromised} of ${facts.cpuCount} CPUs`)
      if (memoryPromisedBytes > facts.memoryBytes) fault(`${id} has promised more memory than it has`)
    }
  })
}
