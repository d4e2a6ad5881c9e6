import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ObjectId, TaskUsage } from '@welkin/interface'
import { asCloudError, systemCode } from '@welkin/platform-node/faults'
import type { Limits } from '../protocol.ts'
import type { Controller, Places } from './places.ts'

const CPU_PERIOD_US = 100_000
const CPU_QUOTA_US_MIN = 1000

/** The kernel needs a moment to take apart what was killed. */
const REMOVE_TRIES = 100
const REMOVE_PERIOD_MS = 10

/** What is known of a group when it is over. */
export interface GroupEnd {
  /** Whether the kernel killed a process of it for want of memory. */
  outOfMemory: boolean
  usage: TaskUsage
}

/** The cgroups of one task, one below each of the places given. */
export class TaskGroup {
  readonly #places: Places
  readonly #name: string
  readonly #scaffolds: number

  /** `scaffolds`: processes that are in it beside the task's own. */
  constructor (places: Places, id: ObjectId, scaffolds = 0) {
    this.#places = places
    this.#name = `welkin-${id}`
    this.#scaffolds = scaffolds
  }

  /** Files to which a process writes `0` to enter. */
  get joins (): string[] {
    return this.#directories().map(directory => join(directory, 'cgroup.procs'))
  }

  /** Makes the cgroups and sets limits. Rejects EACCES, EAGAIN, ENOSPC, EINVAL with nothing left. */
  async open (limits: Limits): Promise<void> {
    try {
      for (const directory of this.#directories()) await mkdir(directory, { recursive: true })
      if (limits.memoryBytes !== undefined) await this.#limitMemory(Math.floor(limits.memoryBytes))
      if (limits.cpu !== undefined) await this.#limitCpu(limits.cpu)
      if (limits.processes !== undefined) await this.#set('pids', 'pids.max', limits.processes + this.#scaffolds)
    } catch (error) {
      await this.#remove()
      throw asCloudError(error, 'The limits of the task could not be set')
    }
  }

  /** Ends all processes in it and removes it. */
  async close (): Promise<GroupEnd> {
    const outOfMemory = await this.#ranOutOfMemory()
    const { cpuSeconds, memoryBytesMax } = await this.usage()
    await this.#remove()
    return { outOfMemory, usage: withoutUnknown({ cpuSeconds, memoryBytesMax }) }
  }

  async usage (): Promise<TaskUsage> {
    if (this.#directories().length === 0) return {}
    const [cpuSeconds, memoryBytes, memoryBytesMax, processes] = await Promise.all([
      this.#version('cpuacct') === 1
        ? this.#number('cpuacct', 'cpuacct.usage', 1e-9)
        : this.#number('cpuacct', 'cpu.stat', 1e-6, /usage_usec (\d+)/),
      this.#number('memory', this.#version('memory') === 1 ? 'memory.usage_in_bytes' : 'memory.current'),
      this.#number('memory', this.#version('memory') === 1 ? 'memory.max_usage_in_bytes' : 'memory.peak'),
      this.#processes()
    ])
    const own = Math.max(0, processes.length - this.#scaffolds)
    return withoutUnknown({ cpuSeconds, memoryBytes, memoryBytesMax, processes: own })
  }

  async #limitMemory (bytes: number): Promise<void> {
    if (this.#version('memory') === 1) {
      await this.#set('memory', 'memory.limit_in_bytes', bytes)
      await this.#setWhereKnown('memory', 'memory.memsw.limit_in_bytes', bytes)
    } else {
      await this.#set('memory', 'memory.max', bytes)
      await this.#setWhereKnown('memory', 'memory.swap.max', 0)
      await this.#setWhereKnown('memory', 'memory.oom.group', 1)
    }
  }

  async #limitCpu (cpu: number): Promise<void> {
    const quota = Math.max(CPU_QUOTA_US_MIN, Math.round(cpu * CPU_PERIOD_US))
    if (this.#version('cpu') === 1) {
      await this.#set('cpu', 'cpu.cfs_period_us', CPU_PERIOD_US)
      await this.#set('cpu', 'cpu.cfs_quota_us', quota)
    } else {
      await this.#set('cpu', 'cpu.max', `${quota} ${CPU_PERIOD_US}`)
    }
  }

  // `failcnt` stays 0 when the kernel kills, and `oom` counts what it did not resolve by killing.
  async #ranOutOfMemory (): Promise<boolean> {
    const file = this.#version('memory') === 1 ? 'memory.oom_control' : 'memory.events'
    return (await this.#number('memory', file, 1, /^oom_kill (\d+)/m) ?? 0) > 0
  }

  async #remove (): Promise<void> {
    for (let tries = 0; tries < REMOVE_TRIES; tries++) {
      for (const pid of await this.#processes()) kill(pid)
      const left = await Promise.all(this.#directories().map(removeGroup))
      if (!left.includes(true)) return
      await sleep(REMOVE_PERIOD_MS)
    }
  }

  async #processes (): Promise<number[]> {
    const lists = await Promise.all(this.joins.map(readText))
    return [...new Set(lists.flatMap(list => (list ?? '').split('\n')).filter(line => line !== '').map(Number))]
  }

  #version (controller: Controller): 1 | 2 | undefined {
    return this.#places[controller]?.version
  }

  #directories (): string[] {
    return [...new Set(Object.values(this.#places).map(({ directory }) => join(directory, this.#name)))]
  }

  #file (controller: Controller, file: string): string | undefined {
    const place = this.#places[controller]
    return place === undefined ? undefined : join(place.directory, this.#name, file)
  }

  async #set (controller: Controller, file: string, value: number | string): Promise<void> {
    const path = this.#file(controller, file)
    if (path !== undefined) await writeFile(path, `${value}`)
  }

  // What not every kernel has, or has switched on.
  async #setWhereKnown (controller: Controller, file: string, value: number): Promise<void> {
    try {
      await this.#set(controller, file, value)
    } catch (error) {
      if (!['ENOENT', 'EACCES', 'EPERM', 'ENOTSUP', 'EOPNOTSUPP'].includes(systemCode(error) ?? '')) throw error
    }
  }

  async #number (controller: Controller, file: string, unit = 1, pattern = /(\d+)/): Promise<number | undefined> {
    const path = this.#file(controller, file)
    const match = pattern.exec(path === undefined ? '' : await readText(path) ?? '')
    return match === null ? undefined : Number(match[1]) * unit
  }
}

/** Whether it is still there. */
async function removeGroup (directory: string): Promise<boolean> {
  try {
    await rmdir(directory)
    return false
  } catch (error) {
    return systemCode(error) === 'EBUSY' // whatever else it is will not change by waiting
  }
}

function kill (pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if (systemCode(error) !== 'ESRCH') throw error
  }
}

async function readText (path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch {
    return undefined // not a file of this kernel, or the cgroup is gone
  }
}

function withoutUnknown (usage: Partial<Record<keyof TaskUsage, number | undefined>>): TaskUsage {
  return Object.fromEntries(Object.entries(usage).filter(([, value]) => value !== undefined)) as TaskUsage
}
