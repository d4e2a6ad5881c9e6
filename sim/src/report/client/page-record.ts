import { decodeRuns } from './runs.ts'

/** How a machine can be, by the number that stands for it in a page's record. */
export const CONDITIONS = ['off', 'crashed', 'paused', 'up'] as const

/** What a line of the story can tell of, in the order in which the page lists them. */
export const KINDS = ['phase', 'fault', 'mended', 'broken', 'event', 'life'] as const

export type Kind = typeof KINDS[number]

/** A line of the story; a node is told by its index, or by its name where it has no place. */
export type Line = readonly [atMs: number, kind: Kind, nodes: ReadonlyArray<number | string>, text: string]

/** The samples, figure by figure; what is as it was in the sample before is the empty text. */
export interface SampleColumns {
  atMs: readonly number[]
  /** Indexes in `CONDITIONS`, node by node, see `encodeRuns`. */
  conditions: readonly string[]
  /** The group of each node, from 1; 0: it is in none. See `encodeRuns`. */
  groups: readonly string[]
  seenRatio: readonly number[]
  ghosts: readonly number[]
  tasksRunning: readonly number[]
  messages: readonly number[]
  bytes: readonly number[]
}

/** A run as it lies in the page. */
export interface PageRecord {
  names: readonly string[]
  zones: readonly string[]
  positions: ReadonlyArray<readonly [number, number] | null>
  untilMs: number
  samplePeriodMs: number
  samples: SampleColumns
  story: readonly Line[]
}

/** With every empty text replaced by the one that it repeats. */
export function carryForward (texts: readonly string[]): string[] {
  let last = ''
  return texts.map(text => {
    if (text !== '') last = text
    return last
  })
}

/** The index of the last of the rising `times` that is not after `atMs`; -1 where all are. */
export function lastAtOrBefore (times: readonly number[], atMs: number): number {
  let [low, high] = [0, times.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((times[middle] as number) <= atMs) low = middle + 1
    else high = middle
  }
  return low - 1
}

/** How many nodes are up in each sample. */
export function countUp ({ samples, names }: PageRecord): number[] {
  const up = CONDITIONS.indexOf('up')
  const known = new Map<string, number>()
  return carryForward(samples.conditions).map(text => {
    const count = known.get(text) ??
      decodeRuns(text, names.length).reduce((sum, code) => sum + (code === up ? 1 : 0), 0)
    known.set(text, count)
    return count
  })
}
