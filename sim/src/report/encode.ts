import type { RunRecord, Sample } from '../record.ts'
import { CONDITIONS, encodeRuns, type PageRecord } from './client/index.ts'

/** All of a record, with its samples turned into columns that stay small for thousands of nodes. */
export interface WholeRecord extends PageRecord, Pick<RunRecord, 'report' | 'about' | 'command'> {}

export function encodeRecord (
  { report, about, command, places, positions, samplePeriodMs, samples, story }: RunRecord
): WholeRecord {
  const indexes = new Map<string, number>(places.map(({ name }, index) => [name, index]))
  const lastMs = Math.max(samples.at(-1)?.atMs ?? 0, story.at(-1)?.atMs ?? 0)
  return {
    report, about, command, samplePeriodMs,
    untilMs: Math.max(report.virtualSeconds * 1000, lastMs),
    names: places.map(({ name }) => name),
    zones: places.map(({ zone }) => zone),
    positions: places.map((_, index) => positions[index]?.every(Number.isFinite) ? positions[index] : null),
    samples: {
      atMs: samples.map(({ atMs }) => atMs),
      conditions: onlyChanges(samples.map(({ conditions }) =>
        encodeRuns(conditions.map(condition => CONDITIONS.indexOf(condition))))),
      groups: onlyChanges(samples.map(({ partition }) => encodeRuns(groupsOf(partition, places.length)))),
      seenRatio: samples.map(({ seenRatio }) => seenRatio),
      ghosts: samples.map(({ ghosts }) => ghosts),
      tasksRunning: samples.map(({ tasksRunning }) => tasksRunning),
      messages: samples.map(({ messages }) => messages),
      bytes: samples.map(({ bytes }) => bytes)
    },
    story: story.map(({ atMs, kind, nodes, text }) => [atMs, kind, nodes.map(node => indexes.get(node) ?? node), text])
  }
}

/** What is as it was becomes the empty text. */
function onlyChanges (texts: readonly string[]): string[] {
  return texts.map((text, index) => text === texts[index - 1] ? '' : text)
}

/** The group of every node, from 1; 0: it is in none. */
function groupsOf (partition: Sample['partition'], count: number): number[] {
  const groups = Array.from({ length: count }, () => 0)
  for (const [index, nodes] of partition.entries()) for (const node of nodes) groups[node] = index + 1
  return groups
}
