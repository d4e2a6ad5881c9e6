import type { Cancel, NodeId } from '@welkin/interface'
import type { LogEntry } from '@welkin/platform-virtual'
import type { Switchboard } from './faults/switchboard.ts'
import { viewTruth } from './checkers/convergence.ts'
import type { NodeCondition, Sample, StoryKind, StoryLine } from './record.ts'
import type { VirtualCloud } from './virtual-cloud.ts'

/** Of one run; what comes later is left out. */
const LINES_MAX = 50_000
const THE_END = 'the story ends here, for it is too long; a trace has all'

/** By these a node says that it holds another to be down. */
const DOWN: readonly unknown[] = ['nodeDown', 'zoneDown']

/** Writes down what a run looks like from outside: its story, and samples of how the cloud is. */
export class Recorder {
  readonly story: StoryLine[] = []
  readonly samples: Sample[] = []
  #leftOut = 0
  #downs = 0
  #firstDown: string | undefined
  readonly #cloud: () => VirtualCloud
  readonly #partitions = new Set<ReadonlyArray<readonly NodeId[]>>()
  #sent = { messages: 0, bytes: 0 }

  readonly #linesMax: number

  /** `cloud` is asked for once there is something to tell. */
  constructor (cloud: () => VirtualCloud, linesMax = LINES_MAX) {
    this.#cloud = cloud
    this.#linesMax = linesMax
  }

  /** Lines that came after the story had become too long. */
  get linesLeftOut (): number {
    return this.#leftOut
  }

  /** How often somebody was held to be down, and who said it first of whom; all count, wherever the story ends. */
  get downs (): { count: number, first: string | undefined } {
    return { count: this.#downs, first: this.#firstDown }
  }

  tell (kind: StoryKind, nodes: readonly NodeId[], text: string): void {
    const { nowMs: atMs } = this.#cloud().timeline
    if (this.story.length < this.#linesMax) this.story.push({ atMs, kind, nodes, text })
    else if (this.#leftOut++ === 0) {
      this.story.push({ atMs, kind: 'phase', nodes: [], text: THE_END })
    }
  }

  /** Of what nodes log, their events are part of the story. */
  hear ({ node, event, fields }: LogEntry): void {
    if (event !== 'events.emitted') return
    const { type, ...about } = fields
    const told = Object.values(about).filter(value => value !== null && value !== undefined).map(String)
    const text = [String(type), ...new Set(told)].join(' ')
    if (DOWN.includes(type)) {
      this.#downs++
      this.#firstDown ??= `${node} ${text}`
    }
    this.tell('event', [node], text)
  }

  /** Takes a sample every `periodMs`, the first one now. */
  start (periodMs: number, switches: Switchboard): Cancel {
    return this.#cloud().every(periodMs, () => this.#sample(switches))
  }

  /** Nothing passes between these groups until the returned function is called; samples show the latest. */
  part (groups: ReadonlyArray<readonly NodeId[]>): Cancel {
    this.#partitions.add(groups)
    return () => { this.#partitions.delete(groups) }
  }

  /** By the nodes' places in the list; empty: there is none. */
  #partition (): number[][] {
    const latest = [...this.#partitions].at(-1) ?? []
    const indexOf = new Map(this.#cloud().places.map(({ name }, index) => [name, index]))
    return latest.map(names => names.flatMap(name => indexOf.get(name) ?? []))
  }

  #sample (switches: Switchboard): void {
    const cloud = this.#cloud()
    const sent = cloud.sent()
    let tasksRunning = 0
    for (const { processes } of cloud.machines.values()) tasksRunning += processes.runningObjects().length
    this.samples.push({
      atMs: cloud.timeline.nowMs,
      conditions: cloud.places.map(({ name }) => conditionOf(cloud, switches, name)),
      ...viewTruth(cloud),
      tasksRunning,
      messages: sent.messages - this.#sent.messages,
      bytes: sent.bytes - this.#sent.bytes,
      partition: this.#partition()
    })
    this.#sent = sent
  }
}

function conditionOf (cloud: VirtualCloud, switches: Switchboard, name: NodeId): NodeCondition {
  if (cloud.machines.get(name)?.isUp !== true) return switches.isDark(name) ? 'off' : 'crashed'
  return switches.isPaused(name) ? 'paused' : 'up'
}
