import type { Reading } from '@welkin/async'
import type { MachineLoad } from '@welkin/interface'
import { byteRates, type ByteCounts, type ByteRates } from './byte-rates.ts'
import { busyRatio, parseCpuTimes, type CpuTimes } from './cpu-times.ts'
import { parseDisks } from './disks.ts'
import { parseInterfaces } from './network.ts'
import type { System } from './system.ts'

/** What only grows, and of which the load tells how fast. */
export interface Counters { cpu: CpuTimes, network: ByteCounts, disks: ByteCounts }

/** What the machine's counters say now; those that it does not tell are empty. */
export function readCounters (system: System): Reading<Counters> {
  return {
    atMs: system.monotonicMs(),
    values: {
      cpu: parseCpuTimes(system.read('/proc/stat')) ?? cpuTimesOf(system.os.cpus()),
      network: parseInterfaces(system.read('/proc/net/dev')),
      disks: parseDisks(system.read('/proc/diskstats'))
    }
  }
}

function cpuTimesOf (cpus: ReturnType<System['os']['cpus']>): CpuTimes {
  let busy = 0
  let idle = 0
  for (const { times } of cpus) {
    busy += times.user + times.nice + times.sys + times.irq
    idle += times.idle
  }
  return { busy, total: busy + idle }
}

/** How fast the counters grew between two readings; undefined where that is not known. */
export function meansBetween (
  before: Reading<Counters>, now: Reading<Counters>
): { [Name in 'cpuBusyRatio' | 'network' | 'disk']: MachineLoad[Name] | undefined } {
  const network = ratesOf('network', before, now)
  const disk = ratesOf('disks', before, now)
  return {
    cpuBusyRatio: busyRatio(before.values.cpu, now.values.cpu),
    network: network && { receivedBytesPerSecond: network.inward, sentBytesPerSecond: network.outward },
    disk: disk && { readBytesPerSecond: disk.inward, writtenBytesPerSecond: disk.outward }
  }
}

function ratesOf (
  devices: 'network' | 'disks', before: Reading<Counters>, now: Reading<Counters>
): ByteRates | undefined {
  const elapsedMs = now.atMs - before.atMs
  const counts = now.values[devices]
  return counts.size === 0 || elapsedMs <= 0 ? undefined : byteRates(before.values[devices], counts, elapsedMs)
}
