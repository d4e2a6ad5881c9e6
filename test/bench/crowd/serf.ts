import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { isInstalled } from '../programs.ts'
import { pass, type Stage } from '../stage.ts'
import type { Crowd } from './crowd.ts'
import { INTERVAL_MS, sentBetween } from './serf-counters.ts'
import type { Sent } from './sockets.ts'
import type { Change, Sight } from './views.ts'

/** What an agent's log says of its views. Its RPC tells the same later: it holds events back to join them into one. */
const SIGHTS: ReadonlyArray<readonly [Sight, RegExp]> = [
  ['up', /serf: EventMemberJoin: (\S+)/],
  ['down', /serf: EventMemberFailed: (\S+)/],
  ['suspected', /memberlist: Suspect (\S+) has failed/]
]
const ANSWERS = /Serf agent running/
/** Its counters are kept for so long, and printed within so long after the signal. */
const COUNTED_SECONDS_MAX = 50
const PRINT_SECONDS = 1

/**
 * Serf with its profile `lan`, an agent on each of `count` loopback addresses, all of which join through the first.
 * Resolves when all answer; undefined: it is not installed.
 */
export async function startSerf (stage: Stage, count: number): Promise<Crowd | undefined> {
  if (!await isInstalled('serf')) return undefined
  const addresses = Array.from({ length: count }, (_, index) => `127.0.74.${index + 1}`)
  const [door, ...others] = addresses as [string, ...string[]]
  const startedMs = Date.now()
  const first = new Agent(stage, door, door)
  await first.answering // else the others knock in vain, and wait for half a minute
  const agents = [first, ...others.map(address => new Agent(stage, address, door))]
  await Promise.all(agents.map(({ answering }) => answering))
  return {
    households: agents.map(({ address, process }) => ({ process, nodes: [address] })),
    startedMs,
    answeredMs: Date.now(),
    changes: async () => agents.flatMap(agent => agent.changes.splice(0)),
    sentIn: seconds => sentIn(seconds, agents)
  }
}

async function sentIn (seconds: number, agents: readonly Agent[]): Promise<Sent | undefined> {
  const startMs = Date.now()
  await pass(seconds)
  const fromMs = Math.ceil(Math.max(startMs, Date.now() - COUNTED_SECONDS_MAX * 1000) / INTERVAL_MS) * INTERVAL_MS
  const untilMs = Math.floor(Date.now() / INTERVAL_MS) * INTERVAL_MS
  if (untilMs <= fromMs) return undefined
  for (const { process } of agents) process.kill('SIGUSR1')
  await pass(PRINT_SECONDS)
  const each = agents.map(({ counters }) => sentBetween(counters, fromMs, untilMs))
  const perSecond = (total: number): number => total / (untilMs - fromMs) * 1000
  return {
    bytes: perSecond(each.reduce((sum, { bytes }) => sum + bytes, 0)),
    messages: perSecond(each.reduce((sum, { messages }) => sum + messages, 0))
  }
}

class Agent {
  readonly address: string
  readonly process: ChildProcess
  readonly answering: Promise<void>
  /** Not yet asked for. */
  readonly changes: Change[] = []
  /** As it printed them. */
  readonly counters: string[] = []
  readonly #down = new Set<string>()

  constructor (stage: Stage, address: string, door: string) {
    this.address = address
    this.process = stage.program('serf', [
      'agent', '-profile', 'lan', '-node', address, '-bind', address, '-rpc-addr', `${address}:7373`,
      '-retry-join', door
    ], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, TZ: 'UTC' } })
    this.answering = new Promise((resolve, reject) => {
      this.process.once('exit', () => reject(new Error(`The agent at ${address} ended before it answered.`)))
      createInterface({ input: this.process.stdout as Readable }).on('line', line => {
        if (ANSWERS.test(line)) resolve()
        this.#hear(line)
      })
    })
    createInterface({ input: this.process.stderr as Readable }).on('line', line => { this.counters.push(line) })
  }

  #hear (line: string): void {
    for (const [sight, pattern] of SIGHTS) {
      const subject = pattern.exec(line)?.[1]
      // A probe that was under way says the same of one that is held to be down by now.
      if (subject === undefined || (sight === 'suspected' && this.#down.has(subject))) continue
      if (sight === 'down') this.#down.add(subject)
      else this.#down.delete(subject)
      this.changes.push({ atMs: Date.now(), observer: this.address, subject, sight })
    }
  }
}
