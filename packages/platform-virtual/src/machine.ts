import { EarlierReadings } from '@welkin/async'
import type {
  Clock, Dialer, Disk, Driver, Keys, Logger, Machine, MachineFacts, MachineLoad, NodeId, Passwords, Random
} from '@welkin/interface'
import { createVirtualClock, Quartz } from './clock.ts'
import { VirtualDisk } from './disk.ts'
import type { KeyAuthority } from './keys.ts'
import { Life } from './life.ts'
import { createVirtualLogger, type LogEntry } from './log.ts'
import { VirtualMetrics } from './metrics.ts'
import { CpuMeter } from './modelled/cpu-meter.ts'
import { ModelledDriver } from './modelled/driver.ts'
import { ModelledProcesses } from './modelled/processes.ts'
import { createVirtualPasswords } from './passwords.ts'
import { Platter, type PlatterOptions } from './platter.ts'
import { VirtualPrograms } from './programs.ts'
import type { Timeline } from './timeline.ts'

export interface VirtualMachineOptions {
  timeline: Timeline
  /** Of the whole cloud; the machine forks its own from it by its name. */
  random: Random
  /** Of the whole cloud. */
  authority: KeyAuthority
  /** The id of the node on this machine. */
  name: NodeId
  facts?: Partial<MachineFacts>
  disk?: Partial<PlatterOptions>
  /** The wall time at which the timeline begins. */
  epochMs?: number
  /** Is told all that the node logs. */
  log?: (entry: LogEntry) => void
}

/** What one life of a node gets from its machine. */
export interface VirtualPorts {
  life: Life
  clock: Clock
  random: Random
  keys: Keys
  passwords: Passwords
  disk: Disk
  machine: Machine
  log: Logger
  metrics: VirtualMetrics
  driver: Driver
  dialer: Dialer
}

/** What runs on a machine beside the cloud's tasks. */
export interface BackgroundLoad {
  /** The share of all CPUs that it wants; above 1 where somebody has to wait. */
  cpuBusyRatio: number
  memoryBytes: number
}

/** The wall time at which a timeline begins, unless a machine is told another. */
export const EPOCH_MS = Date.UTC(2026, 0)

/** Means of the load are over so long at least, as on a real machine. */
const MEANS_SPAN_MS = 1000

const FACTS: Omit<MachineFacts, 'hostname'> = { os: 'linux', arch: 'x64', cpuCount: 4, memoryBytes: 16 * 2 ** 30 }

/** A machine in virtual time: a power switch over a disk, a quartz and processes that outlive the daemon. */
export class VirtualMachine {
  readonly name: NodeId
  readonly quartz: Quartz
  readonly platter: Platter
  readonly processes: ModelledProcesses
  /** What listens on it. */
  readonly programs: VirtualPrograms
  readonly #options: VirtualMachineOptions
  readonly #random: Random
  readonly #facts: MachineFacts
  readonly #cpus: CpuMeter
  #backgroundMemoryBytes = 0
  #life: Life | undefined

  constructor (options: VirtualMachineOptions) {
    const { timeline, name } = options
    this.name = name
    this.quartz = new Quartz(timeline, options.epochMs ?? EPOCH_MS)
    this.#random = options.random.fork(`machine ${name}`)
    this.platter = new Platter(timeline, this.#random.fork('platter'), options.disk)
    this.#facts = { hostname: name, ...FACTS, ...options.facts }
    this.#cpus = new CpuMeter(timeline, this.#facts.cpuCount)
    this.programs = new VirtualPrograms(timeline)
    this.processes = new ModelledProcesses({ timeline, quartz: this.quartz, cpus: this.#cpus })
    this.#options = options
  }

  /** What it is. */
  get facts (): MachineFacts {
    return this.#facts
  }

  /** Whether a daemon lives on it. */
  get isUp (): boolean {
    return this.#life?.over === false
  }

  /** Begins a life: fresh ports over what the earlier ones left. */
  powerOn (): VirtualPorts {
    if (this.isUp) throw new Error(`${this.name} is up already.`)
    const { timeline, authority, log = () => {} } = this.#options
    const life = new Life(timeline)
    const random = this.#random.fork('life')
    this.#life = life
    life.onEnd(() => this.platter.settle())
    return {
      life,
      clock: createVirtualClock(this.quartz, life),
      random,
      keys: authority.keysOf(this.name),
      passwords: createVirtualPasswords(random.fork('passwords')),
      disk: new VirtualDisk(this.platter, life),
      machine: this.#createPort(),
      log: createVirtualLogger(this.name, () => timeline.nowMs, entry => { if (!life.over) log(entry) }),
      metrics: new VirtualMetrics(),
      driver: new ModelledDriver(this.processes, life),
      dialer: this.programs.dialer(life)
    }
  }

  /** The power fails: the life and all processes end without a word; what was not yet durable is left to chance. */
  powerOff (): void {
    this.processes.loseAll('The machine lost power.')
    this.#life?.end('power-cut')
  }

  /** The daemon dies, as by SIGKILL; its machine and the processes on it go on. */
  crash (): void {
    this.#life?.end('crash')
  }

  /** From now on so much else runs on it, whether a daemon lives there or not. */
  setBackgroundLoad ({ cpuBusyRatio, memoryBytes }: BackgroundLoad): void {
    this.#cpus.setOthers(cpuBusyRatio * this.#facts.cpuCount)
    this.#backgroundMemoryBytes = memoryBytes
  }

  /** The daemon stands still, as by SIGSTOP; its machine and the processes on it go on. */
  pause (): void {
    this.#life?.pause()
  }

  resume (): void {
    this.#life?.resume()
  }

  #createPort (): Machine {
    const earlier = new EarlierReadings(MEANS_SPAN_MS, this.#cpus.read())
    return {
      facts: async () => ({ diskBytes: this.platter.capacityBytes, ...this.#facts }),
      load: async (): Promise<MachineLoad> => {
        const now = this.#cpus.read()
        const before = earlier.before(now)
        const busyMs = now.values.busyMs - before.values.busyMs
        const totalMs = (now.atMs - before.atMs) * this.#facts.cpuCount
        const usedBytes = this.processes.memoryBytes + this.#backgroundMemoryBytes
        return {
          ...totalMs > 0 ? { cpuBusyRatio: Math.min(1, busyMs / totalMs) } : {},
          load1m: now.values.load1m,
          memoryFreeBytes: Math.max(0, this.#facts.memoryBytes - usedBytes),
          diskFreeBytes: this.platter.freeBytes,
          pressure: { cpu: now.values.pressure }
        }
      }
    }
  }
}
