import { readFile, statfs } from 'node:fs/promises'
import { arch, availableParallelism, cpus, freemem, hostname, platform, totalmem } from 'node:os'
import type { Machine, MachineLoad } from '@welkin/interface'

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
      const memoryFreeBytes = Math.min(memoryBytes, await memoryAvailableBytes())
      const { bavail, bsize } = await statfs(directory)
      return { cpuBusyRatio, memoryFreeBytes, diskFreeBytes: bavail * bsize }
    }
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

/** What programs could still get: on Linux with what the page cache would give back. */
async function memoryAvailableBytes (): Promise<number> {
  if (platform() !== 'linux') return freemem()
  const kibibytes = /^MemAvailable:\s+(\d+) kB$/m.exec(await readFile('/proc/meminfo', 'utf8'))?.[1]
  return kibibytes === undefined ? freemem() : Number(kibibytes) * 1024
}
