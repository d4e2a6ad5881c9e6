import type { Cancel, NodeId } from '@welkin/interface'
import type { LogEntry } from '@welkin/platform-virtual'
import { viewTruth } from './checkers/convergence.ts'
import { addSent, NOTHING_SENT } from './cloud.ts'
import type { Switchboard } from './faults/switchboard.ts'
import type { NodeCondition, Sample } from './record.ts'
import { Story } from './story.ts'
import type { VirtualCloud } from './virtual-cloud.ts'

/** Writes down what a run looks like from outside: its story, and samples of how the cloud is. */
export class Recorder {
  readonly story: Story
  readonly samples: Sample[] = []
  readonly #cloud: () => VirtualCloud
  #sent = NOTHING_SENT

  /** `cloud` is asked for once there is something to tell. */
  constructor (cloud: () => VirtualCloud, linesMax?: number) {
    this.#cloud = cloud
    this.story = new Story(() => cloud().nowMs, linesMax === undefined ? {} : { linesMax })
  }

  /** Of what nodes log, their events are part of the story. */
  hear ({ node, event, fields }: LogEntry): void {
    if (event !== 'events.emitted') return
    const { type, ...about } = fields
    this.story.tellEvent(node, String(type), about)
  }

  /** Takes a sample every `periodMs`, the first one now. */
  start (periodMs: number, switches: Switchboard): Cancel {
    return this.#cloud().every(periodMs, () => this.#sample(switches))
  }

  /** By the nodes' places in the list; empty: there is none. */
  #partition (): number[][] {
    const indexOf = new Map(this.#cloud().places.map(({ name }, index) => [name, index]))
    return this.story.partition.map(names => names.flatMap(name => indexOf.get(name) ?? []))
  }

  #sample (switches: Switchboard): void {
    const cloud = this.#cloud()
    const sent = cloud.sent()
    const { messages, bytes } = addSent(sent, this.#sent, -1)
    let tasksRunning = 0
    for (const { processes } of cloud.machines.values()) tasksRunning += processes.runningObjects().length
    this.samples.push({
      atMs: cloud.nowMs,
      conditions: cloud.places.map(({ name }) => conditionOf(cloud, switches, name)),
      ...viewTruth(cloud),
      tasksRunning,
      messages,
      bytes,
      partition: this.#partition()
    })
    this.#sent = sent
  }
}

function conditionOf (cloud: VirtualCloud, switches: Switchboard, name: NodeId): NodeCondition {
  if (!cloud.isUp(name)) return switches.isDark(name) ? 'off' : 'crashed'
  return switches.isPaused(name) ? 'paused' : 'up'
}
