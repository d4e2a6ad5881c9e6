import type { Cancel, NodeId } from '@welkin/interface'
import type { LogEntry } from '@welkin/platform-virtual'
import type { Switchboard } from './faults/switchboard.ts'
import { viewTruth } from './checkers/convergence.ts'
import type { NodeCondition, Sample, StoryKind, StoryLine } from './record.ts'
import type { VirtualCloud } from './virtual-cloud.ts'

/** Of one run; what comes later is left out. */
const LINES_MAX = 50_000

/** Writes down what a run looks like from outside: its story, and samples of how the cloud is. */
export class Recorder {
  readonly story: StoryLine[] = []
  readonly samples: Sample[] = []
  readonly #cloud: () => VirtualCloud
  readonly #partitions = new Set<ReadonlyArray<readonly NodeId[]>>()
  #sent = { messages: 0, bytes: 0 }

  /** `cloud` is asked for once there is something to tell. */
  constructor (cloud: () => VirtualCloud) {
    this.#cloud = cloud
  }

  tell (kind: StoryKind, nodes: readonly NodeId[], text: string): void {
    if (this.story.length >= LINES_MAX) return
    this.story.push({ atMs: this.#cloud().timeline.nowMs, kind, nodes, text })
  }

  /** Of what nodes log, their events are part of the story. */
  hear ({ node, event, fields }: LogEntry): void {
    if (event !== 'events.emitted') return
    const { type, ...about } = fields
    const told = Object.values(about).filter(value => value !== null && value !== undefined).map(String)
    this.tell('event', [node], [String(type), ...new Set(told)].join(' '))
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
