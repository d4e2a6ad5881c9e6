import { carryForward, lastAtOrBefore, type PageRecord } from './page-record.ts'
import { decodeRuns } from './runs.ts'

/** What is to be seen now: which moment, and which stretch of the run. */
export interface Stage {
  readonly record: PageRecord
  atMs: number
  fromMs: number
  toMs: number
  /** Nobody changes the moment while another does: who plays stops when somebody jumps. */
  isPlaying: boolean
  readonly watchers: Array<(change: Change) => void>
}

/** `moment`: `atMs` is another; `view`: the stretch is; `play`: it began or stopped; `look`: sizes or colours are. */
export type Change = 'moment' | 'view' | 'play' | 'look'

export function createStage (record: PageRecord): Stage {
  return { record, atMs: 0, fromMs: 0, toMs: Math.max(1, record.untilMs), isPlaying: false, watchers: [] }
}

/** Tells everybody who watches. */
export function changed (stage: Stage, change: Change): void {
  for (const watcher of stage.watchers) watcher(change)
}

/** Goes to a moment of the run; the stretch that is seen follows. */
export function goTo (stage: Stage, atMs: number): void {
  stage.atMs = Math.min(Math.max(0, atMs), stage.record.untilMs)
  changed(stage, 'moment')
  if (stage.atMs < stage.fromMs || stage.atMs > stage.toMs) {
    const span = stage.toMs - stage.fromMs
    showStretch(stage, stage.atMs - span / 10, stage.atMs + span * 0.9)
  }
}

export function setPlaying (stage: Stage, isPlaying: boolean): void {
  if (isPlaying && stage.atMs >= stage.record.untilMs) goTo(stage, 0)
  stage.isPlaying = isPlaying
  changed(stage, 'play')
}

/** Shows the stretch between two moments, moved into the run where it sticks out; never less than a second. */
export function showStretch (stage: Stage, fromMs: number, toMs: number): void {
  const untilMs = Math.max(1, stage.record.untilMs)
  const span = Math.min(untilMs, Math.max(Math.min(1000, untilMs), toMs - fromMs))
  stage.fromMs = Math.min(Math.max(0, fromMs), untilMs - span)
  stage.toMs = stage.fromMs + span
  changed(stage, 'view')
}

/** Sees `factor` times as much, about the player's moment. */
export function zoom (stage: Stage, factor: number): void {
  const span = stage.toMs - stage.fromMs
  const share = Math.min(1, Math.max(0, (stage.atMs - stage.fromMs) / span))
  showStretch(stage, stage.atMs - share * span * factor, stage.atMs + (1 - share) * span * factor)
}

/** How every node is at one moment, by its index. */
export interface Scene {
  /** Of the sample; -1: there is none. */
  index: number
  conditions: Uint16Array
  groups: Uint16Array
}

/** Gives the scene of a moment; whoever asks again for the same sample is given the same one. */
export function createScenes ({ samples, names }: PageRecord): (atMs: number) => Scene {
  const conditions = carryForward(samples.conditions)
  const groups = carryForward(samples.groups)
  let last: Scene | undefined
  return atMs => {
    const index = Math.min(samples.atMs.length - 1, Math.max(0, lastAtOrBefore(samples.atMs, atMs)))
    if (last?.index === index) return last
    last = {
      index,
      conditions: decodeRuns(conditions[index] ?? '', names.length),
      groups: decodeRuns(groups[index] ?? '', names.length)
    }
    return last
  }
}
