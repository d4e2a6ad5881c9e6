import type { Cancel, NodeId, Random } from '@welkin/interface'
import type { z } from 'zod'
import type { Cloud } from '../cloud.ts'
import type { Layout } from '../topology/layout.ts'
import type { VirtualCloud } from '../virtual-cloud.ts'
import type { LinkFaults } from './link-faults.ts'
import type { Switchboard } from './switchboard.ts'

/** What faults act on. */
export interface Stage {
  cloud: Cloud
  /** The same, where it is virtual and can be acted on from within. */
  inside?: VirtualCloud | undefined
  layout: Layout
  switches: Switchboard
  links: LinkFaults
  /** Of this very fault: it draws the same whichever other faults there are. */
  random: Random
}

/** One occurrence of a fault. */
export interface Occurrence<Settings> {
  /** Whom it strikes. Only those that part the cloud have more than one group. */
  groups: ReadonlyArray<readonly NodeId[]>
  forMs: number
  settings: Settings
}

/** What can go wrong, in one way. */
export interface FaultKind<Schema extends z.ZodObject = z.ZodObject> {
  /** One sentence, in the present tense. */
  about: string
  settings: Schema
  /** It befalls machines from within, so only virtual ones can have it. */
  isInside?: true
  /** Whom a swarm lets it strike: one of these. */
  strikes: readonly TargetSize[]
  /** How long a swarm lets it last, beyond a second, at most. */
  forMsMax: number
  /** Settings that a swarm tries. */
  draw?: (random: Random) => z.input<Schema>
  /** Begins it; what is returned ends it. */
  begin: (stage: Stage, occurrence: Occurrence<z.output<Schema>>) => Cancel
}

export type TargetSize = 'one node' | 'one rack' | 'one site' | '10%'

/** Keeps the kind's settings and what it does with them of one type. */
export function faultKind<Schema extends z.ZodObject> (kind: FaultKind<Schema>): FaultKind {
  return kind as unknown as FaultKind
}

/** What ends all of these. */
export function endAll (ends: readonly Cancel[]): Cancel {
  return () => { for (const end of ends) end() }
}
