import type { MachineFacts, NodeId, Random } from '@welkin/interface'
import type { LinksBetween, Place } from '@welkin/links'
import type { Syscalls } from '@welkin/syscalls'

/** Whom a node that runs holds to be up in its own site. */
export interface View { witness: NodeId, up: readonly NodeId[] }

/** What goes from node to node. */
export interface Sent {
  /** Requests and answers of the kernel, and their payload. */
  calls: number
  payloadBytes: number
  /** What lines carry: messages one by one or in pieces, and bytes with what they are wrapped in. */
  messages: number
  bytes: number
}

export const NOTHING_SENT: Sent = { calls: 0, payloadBytes: 0, messages: 0, bytes: 0 }

/** Figure by figure: `one` and `times` the other. */
export function addSent (one: Sent, other: Sent, times = 1): Sent {
  const keys = Object.keys(one) as Array<keyof Sent>
  return Object.fromEntries(keys.map(key => [key, one[key] + times * other[key]])) as unknown as Sent
}

export interface UntilOptions {
  /** How often to look. Default: as often as the cloud can be asked without disturbing it. */
  periodMs?: number
  timeoutMs: number
}

/** What a program is to take, and for how long. */
export interface Work { seconds: string, cpu: number, memory: number }

/** What one machine has of CPUs and memory. */
export type Capacity = Pick<MachineFacts, 'cpuCount' | 'memoryBytes'>

type Soon<T> = T | Promise<T>

/**
 * A cloud in which a scenario takes place, of virtual machines or of real daemons: they start and fall, the links
 * between them change, and what they know and do can be looked at. Nodes go by their names.
 */
export interface Cloud {
  readonly places: readonly Place[]
  /** What each machine has. */
  readonly machine: Capacity
  /** Forked for each purpose: the same for the same seed in every cloud. */
  readonly random: Random
  /** Takes new links at any time. */
  readonly network: { useLinks: (links: LinksBetween) => void }
  /** Milliseconds since it began. */
  readonly nowMs: number
  after (ms: number, act: () => void): void
  pass (ms: number): Promise<void>
  /** Resolves with how many milliseconds it took until `holds`, or undefined after `timeoutMs`. */
  until (holds: () => Soon<boolean>, options: UntilOptions): Promise<number | undefined>
  /** Those that have started and not ended since. */
  running (): NodeId[]
  /** Whether it runs or is about to. */
  isUp (name: NodeId): boolean
  /** Starts a daemon; rejects with a CloudError when it cannot, never settles when it is felled meanwhile. */
  start (name: NodeId, join?: readonly NodeId[]): Promise<unknown>
  /** Cuts a machine's power: its daemon and its tasks end, and nobody is told. */
  powerOff (name: NodeId): void
  /** Kills a daemon; its tasks go on. */
  crash (name: NodeId): void
  /** Stops a daemon where it stands; its tasks go on. */
  pause (name: NodeId): void
  resume (name: NodeId): void
  /** System calls to a node that runs, as its owner. */
  syscalls (name: NodeId): Syscalls
  /** A program that takes so much. */
  programOf (work: Work): { driver: string, argv: string[] }
  /** Of all that run. */
  views (): Soon<View[]>
  /** Whether no object is left that has not ended, on nodes that run. */
  isIdle (): Soon<boolean>
  /** By all nodes, so far. */
  sent (): Soon<Sent>
  /** Notes what happens, for those who look closely. */
  mark (what: string, ...about: readonly unknown[]): void
}
