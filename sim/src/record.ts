import type { NodeId, Zone } from '@welkin/interface'
import type { ScenarioReport } from './run.ts'

/** What the record tells of, in one word. */
export type StoryKind =
  | 'phase' // of the run: faults begin, faults stop, the end
  | 'fault' // begins
  | 'mended' // a fault ends
  | 'broken' // an invariant did not hold
  | 'event' // the cloud says something, see EventType
  | 'life' // a daemon starts or dies

/** One line of a run's story, in order of time. */
export interface StoryLine {
  /** Virtual time since the run began. */
  atMs: number
  kind: StoryKind
  /** Whom it is about or who says it; empty where it concerns the cloud. */
  nodes: readonly NodeId[]
  /** One line for people. */
  text: string
}

/** How a machine is, from outside. */
export type NodeCondition = 'off' | 'crashed' | 'paused' | 'up'

/** How the cloud was at one moment. */
export interface Sample {
  atMs: number
  /** By the index of the node in `places`. */
  conditions: readonly NodeCondition[]
  /** Of the pairs of running nodes of one site, the share of which the first holds the second to be up; 0 to 1. */
  seenRatio: number
  /** Dead nodes that some running node of their site holds to be up, counted once for each that does. */
  ghosts: number
  tasksRunning: number
  /** Messages and bytes sent by all nodes since the sample before. */
  messages: number
  bytes: number
  /** Groups of nodes, by index, between which nothing passes; empty: the network is whole. */
  partition: ReadonlyArray<readonly number[]>
}

/** All that a report shows of one run. */
export interface RunRecord {
  report: ScenarioReport
  about: string
  /** To play it again. */
  command: string
  places: ReadonlyArray<{ name: NodeId, zone: Zone }>
  /** Where the nodes stand in latency space at the end: two coordinates, milliseconds; undefined: it never knew. */
  positions: ReadonlyArray<readonly [number, number] | undefined>
  samplePeriodMs: number
  samples: readonly Sample[]
  story: readonly StoryLine[]
}
