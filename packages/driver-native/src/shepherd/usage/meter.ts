import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import type { TaskUsage } from '@welkin/interface'
import type { ProcessStat } from '../../proc/process-files.ts'
import { listProcesses, readIo, readMemory, readStat } from '../../proc/processes.ts'
import { divideSeconds } from './divide.ts'
import { ownersOf } from './owners.ts'
import { atEnd, withProcesses, type ProcessUsage } from './task-usage.ts'

/** Between two looks at all that runs is so long, and so many times what a look costs: a hundredth of one CPU. */
const REST_MS_MIN = 2000
const REST_FACTOR = 100

/** Processes that are looked at in one turn, in which the shepherd does nothing else for up to a millisecond. */
const PROCESSES_A_TURN = 50

/** What is known of one child of the shepherd and all that belong to it, and since when. */
interface Account { usage: TaskUsage, seenMs: number, sandboxed: boolean }

/**
 * What the shepherd's children use. Two sources go together:
 *
 * The processes of the machine are looked at now and then, and when somebody asks. So while a task runs all is known;
 * of a task that has ended, memory and I/O are those of the last look, and unknown if there was none.
 *
 * CPU time is exact to a tick of the kernel's clock (10 ms), and known of the shortest task: the kernel adds what a
 * child has used, with all children that it has waited for, to its parent's account when it is waited for. Node waits
 * at once for all that have ended, so it is their sum that is exact; how it is divided among those that ended in the
 * same moment rests on the last look (see `divideSeconds`). Of a process that its own parent never waits for, what it
 * used after the last look is lost.
 */
export class UsageMeter {
  readonly #accounts = new Map<number, Account>()
  /** Children that have ended, whose CPU time has not been divided yet. */
  readonly #ended: Account[] = []
  /** CPU time of all children that ended before. */
  #dividedSeconds = readStat('self')?.childrenSeconds
  #dividing: Promise<void> | undefined
  #isWatching = false
  /** The last look that was begun; resolves with its cost in milliseconds. */
  #look = Promise.resolve(0)
  #nextLook: Promise<number> | undefined
  /** Whom the next look is about. */
  #wanted = new Set<number>()

  /** Watches a child that leads a session; called at its start. */
  begin (leader: number, { sandboxed }: { sandboxed: boolean }): void {
    this.#accounts.set(leader, { usage: {}, seenMs: performance.now(), sandboxed })
    if (!this.#isWatching) void this.#watch()
  }

  /** What the child that has just ended has used in all; called as soon as Node tells of its end. */
  async end (leader: number): Promise<TaskUsage> {
    const account = this.#accounts.get(leader) as Account
    this.#accounts.delete(leader)
    this.#ended.push(account)
    this.#dividing ??= nextTurn().then(() => this.#divide()) // by then all that ended with it are here
    await this.#dividing
    return account.usage
  }

  /** What a child that runs uses now; empty where the machine does not tell. */
  async read (leader: number): Promise<TaskUsage> {
    const account = this.#accounts.get(leader)
    await this.#lookAt([leader])
    return account?.usage ?? {}
  }

  #divide (): void {
    this.#dividing = undefined
    const ended = this.#ended.splice(0)
    const seconds = readStat('self')?.childrenSeconds
    if (seconds === undefined || this.#dividedSeconds === undefined) return
    const nowMs = performance.now()
    const shares = divideSeconds(seconds - this.#dividedSeconds, ended.map(({ usage, seenMs }) =>
      ({ knownSeconds: usage.cpuSeconds ?? 0, unseenMs: nowMs - seenMs })))
    for (const [i, account] of ended.entries()) account.usage = atEnd(account.usage, shares[i] as number)
    this.#dividedSeconds = seconds
  }

  /** Looks and rests by turns until all have ended. */
  async #watch (): Promise<void> {
    this.#isWatching = true
    await sleep(REST_MS_MIN)
    while (this.#accounts.size > 0) {
      const costMs = await this.#lookAt(this.#accounts.keys())
      await sleep(Math.max(REST_MS_MIN, REST_FACTOR * costMs))
    }
    this.#isWatching = false
  }

  /** One look is for all who asked before it began. */
  async #lookAt (leaders: Iterable<number>): Promise<number> {
    for (const leader of leaders) this.#wanted.add(leader)
    this.#nextLook ??= this.#look.then(async () => {
      const wanted = this.#wanted
      this.#look = this.#nextLook as Promise<number>
      this.#nextLook = undefined
      this.#wanted = new Set()
      return await this.#lookAtThose(wanted)
    })
    return await this.#nextLook
  }

  /** Whose a process is shows only among all of them; their memory and I/O are read of those that are wanted. */
  async #lookAtThose (wanted: ReadonlySet<number>): Promise<number> {
    const stats = new Map<number, ProcessStat>()
    const usages = new Map<number, ProcessUsage[]>()
    const listMs = await eachInTurn(listProcesses(), pid => {
      const stat = readStat(pid)
      if (stat !== undefined) stats.set(pid, stat)
    })
    const members = [...ownersOf(stats, pid => this.#accounts.has(pid))].filter(([, leader]) => wanted.has(leader))
    const readMs = await eachInTurn(members, ([pid, leader]) => {
      const { childrenSeconds, ownSeconds, parent } = stats.get(pid) as ProcessStat
      const cpuSeconds = ownSeconds + childrenSeconds
      const isScaffold = this.#accounts.get(leader)?.sandboxed === true && (pid === leader || parent === leader)
      const usage: ProcessUsage = isScaffold
        ? { cpuSeconds, isScaffold }
        : { cpuSeconds, memory: readMemory(pid), io: readIo(pid) }
      const others = usages.get(leader)
      if (others === undefined) usages.set(leader, [usage])
      else others.push(usage)
    })
    for (const [leader, processes] of usages) this.#note(leader, processes)
    return listMs + readMs
  }

  #note (leader: number, processes: readonly ProcessUsage[]): void {
    const account = this.#accounts.get(leader)
    if (account === undefined) return // it has ended meanwhile
    account.usage = withProcesses(account.usage, processes)
    account.seenMs = performance.now()
  }
}

/** Resolves with the milliseconds that it took in turns of its own. */
async function eachInTurn<T> (items: readonly T[], look: (item: T) => void): Promise<number> {
  let tookMs = 0
  for (let at = 0; at < items.length; at += PROCESSES_A_TURN) {
    await nextTurn()
    const startMs = performance.now()
    for (const item of items.slice(at, at + PROCESSES_A_TURN)) look(item)
    tookMs += performance.now() - startMs
  }
  return tookMs
}
