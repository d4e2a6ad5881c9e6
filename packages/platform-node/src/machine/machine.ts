import { EarlierReadings } from '@welkin/async'
import { CloudError, type Machine, type MachineFacts, type MachineLoad } from '@welkin/interface'
import { meansBetween, readCounters } from './counters.ts'
import { known } from './known.ts'
import { readPressure } from './pressure.ts'
import { thisSystem, type System } from './system.ts'

/** Means are over so long at least: a hundred ticks of the clock by which Linux counts CPU time. */
const MEANS_SPAN_MS = 1000

/**
 * This machine, as far as its operating system tells: all of it on Linux; elsewhere no pressure, no network and no disk
 * rates, on Windows no `load1m` either. `directory` says which disk counts. A reading takes about 0.2 ms of CPU.
 */
export function createNodeMachine (directory: string, system: System = thisSystem): Machine {
  const { os } = system
  const earlier = new EarlierReadings(MEANS_SPAN_MS, readCounters(system))
  const memoryBytes = memoryBytesMax(system)
  return {
    facts: async () => known<MachineFacts>({
      hostname: os.hostname(),
      os: os.platform(),
      kernel: os.release(),
      arch: os.arch(),
      cpuCount: os.availableParallelism(),
      cpuModel: cpuModel(system),
      memoryBytes,
      diskBytes: (await diskOf(directory, system)).sizeBytes
    }),
    load: async () => {
      const now = readCounters(system)
      const means = meansBetween(earlier.before(now), now)
      return known<MachineLoad>({
        ...means,
        load1m: os.platform() === 'win32' ? undefined : os.loadavg()[0],
        memoryFreeBytes: Math.min(memoryBytes, system.availableMemory()),
        diskFreeBytes: (await diskOf(directory, system)).freeBytes,
        pressure: readPressure(system.read)
      })
    }
  }
}

async function diskOf (directory: string, system: System): Promise<{ sizeBytes: number, freeBytes: number }> {
  try {
    const { bavail, blocks, bsize } = await system.statfs(directory)
    return { sizeBytes: blocks * bsize, freeBytes: bavail * bsize }
  } catch (cause) {
    const message = `The disk of ${directory} does not tell its room; see that the directory is there.`
    throw new CloudError('EIO', message, { cause })
  }
}

/** Node says `unknown` where the processor does not tell. */
function cpuModel ({ os }: System): string | undefined {
  const model = os.cpus()[0]?.model.trim() ?? ''
  return model === '' || model === 'unknown' ? undefined : model
}

/** What the machine has, or less where a control group allows less. */
function memoryBytesMax ({ constrainedMemory, os }: System): number {
  const allowed = constrainedMemory()
  return allowed > 0 ? Math.min(os.totalmem(), allowed) : os.totalmem()
}
