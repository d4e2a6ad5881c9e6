import type { NodeId } from '@welkin/interface'
import type { LogEntry } from '@welkin/platform-virtual'
import type { Switchboard } from './faults/switchboard.ts'
import { viewTruth } from './checkers/convergence.ts'
import type { NodeCondition, Sample, StoryKind, StoryLine } from './record.ts'
import type { VirtualCloud } from './virtual-cloud.ts'

/** Of one run; what comes later is counted, not kept. */
const LINES_MAX = 50_000

/** Writes down what a run looks like from outside: its story, and samples of how the cloud is. */
export class Recorder {
  readonly story: StoryLine[] = []
  readonly samples: Sample[] = []
  /** Lines for which there was no room. */
  omitted = 0
  readonly #cloud: () => VirtualCloud
  #sent = { messages: 0, bytes: 0 }
  #isOver = false

  /** `cloud` is asked for once there is something to tell. */
  constructor (cloud: () => VirtualCloud) {
    this.#cloud = cloud
  }

  tell (kind: StoryKind, nodes: readonly NodeId[], text: string): void {
    if (this.story.length >= LINES_MAX) this.omitted++
    else this.story.push({ atMs: this.#cloud().timeline.nowMs, kind, nodes, text })
  }

  /** Of what nodes log, their events are part of the story. */
  hear ({ node, event, fields }: LogEntry): void {
    if (event !== 'events.emitted') return
    const { type, ...about } = fields
    const told = Object.values(about).filter(value => value !== null && value !== undefined).map(String)
    this.tell('event', [node], [String(type), ...new Set(told)].join(' '))
  }

  /** Takes a sample every `periodMs`, the first one now. */
  start (periodMs: number, switches: Switchboard): void {
    if (this.#isOver) return
    this.#sample(switches)
    this.#cloud().timeline.after(periodMs, () => this.start(periodMs, switches))
  }

  stop (): void {
    this.#isOver = true
  }

  #sample (switches: Switchboard): void {
    const cloud = this.#cloud()
    const traffic = cloud.places.map(({ name }) => cloud.network.trafficOf(name))
    const messages = traffic.reduce((sum, { sentMessages }) => sum + sentMessages, 0)
    const bytes = traffic.reduce((sum, { sentBytes }) => sum + sentBytes, 0)
    let tasksRunning = 0
    for (const { processes } of cloud.machines.values()) tasksRunning += processes.runningObjects().length
    this.samples.push({
      atMs: cloud.timeline.nowMs,
      conditions: cloud.places.map(({ name }) => conditionOf(cloud, switches, name)),
      ...viewTruth(cloud),
      tasksRunning,
      messages: messages - this.#sent.messages,
      bytes: bytes - this.#sent.bytes,
      partition: cloud.parts()
    })
    this.#sent = { messages, bytes }
  }
}

function conditionOf (cloud: VirtualCloud, switches: Switchboard, name: NodeId): NodeCondition {
  if (cloud.machines.get(name)?.isUp !== true) return switches.isDark(name) ? 'off' : 'crashed'
  return switches.isPaused(name) ? 'paused' : 'up'
}
