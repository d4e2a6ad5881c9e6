import { statfs } from 'node:fs/promises'
import { arch, availableParallelism, cpus, hostname, platform, totalmem } from 'node:os'
import { CloudError, type Machine, type MachineLoad } from '@welkin/interface'

interface CpuTimes { busyMs: number, totalMs: number }

/** This machine, as far as the operating system tells; `directory` says which disk counts. */
export function createNodeMachine (directory: string): Machine {
  let previous = cpuTimes()
  let cpuBusyRatio = 0
  const memoryBytes = memoryBytesMax()
  return {
    facts: async () => ({
      hostname: hostname(), os: platform(), arch: arch(), cpuCount: availableParallelism(), memoryBytes
    }),
    load: async (): Promise<MachineLoad> => {
      const now = cpuTimes()
      const totalMs = now.totalMs - previous.totalMs
      // Read twice within a tick of the kernel, the earlier answer still holds.
      if (totalMs > 0) {
        cpuBusyRatio = Math.min(1, Math.max(0, (now.busyMs - previous.busyMs) / totalMs))
        previous = now
      }
      const memoryFreeBytes = Math.min(memoryBytes, process.availableMemory())
      return { cpuBusyRatio, memoryFreeBytes, diskFreeBytes: await diskFreeBytesOf(directory) }
    }
  }
}

async function diskFreeBytesOf (directory: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(directory)
    return bavail * bsize
  } catch (cause) {
    const message = `The disk of ${directory} does not tell its room; see that the directory is there.`
    throw new CloudError('EIO', message, { cause })
  }
}

function cpuTimes (): CpuTimes {
  let busyMs = 0
  let totalMs = 0
  for (const { times } of cpus()) {
    const sumMs = times.user + times.nice + times.sys + times.irq + times.idle
    totalMs += sumMs
    busyMs += sumMs - times.idle
  }
  return { busyMs, totalMs }
}

/** What the machine has, or less where a control group allows less. */
function memoryBytesMax (): number {
  const allowed = process.constrainedMemory()
  return allowed > 0 ? Math.min(totalmem(), allowed) : totalmem()
}
