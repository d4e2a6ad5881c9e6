import type { Line } from './page-record.ts'

/** A fault from its beginning to its end. */
export interface FaultBar {
  fromMs: number
  /** Undefined: nothing in the story ends it. */
  toMs: number | undefined
  text: string
  nodes: ReadonlyArray<number | string>
  /** Bars in one row do not touch. */
  row: number
}

/**
 * The faults of a story, in order. What is mended ends the oldest open fault of the same nodes and text; else of the
 * same nodes; else its nodes are taken from the oldest that has them all, which ends when it has none left; else it
 * ends the oldest of the same text.
 */
export function faultBars (story: readonly Line[], untilMs: number): FaultBar[] {
  const bars: FaultBar[] = []
  const open = new Set<{ bar: FaultBar, left: Set<number | string> }>()
  for (const [atMs, kind, nodes, text] of story) {
    if (kind === 'fault') {
      const bar: FaultBar = { fromMs: atMs, toMs: undefined, text, nodes, row: 0 }
      bars.push(bar)
      open.add({ bar, left: new Set(nodes) })
    } else if (kind === 'mended') {
      const candidates = [...open]
      const hasAll = ({ left }: { left: Set<number | string> }): boolean => nodes.every(node => left.has(node))
      const exact = candidates.filter(one => one.left.size === nodes.length && hasAll(one))
      const found = exact.find(({ bar }) => bar.text === text) ?? exact[0] ??
        (nodes.length > 0 ? candidates.find(hasAll) : undefined) ?? candidates.find(({ bar }) => bar.text === text)
      if (found === undefined) continue
      for (const node of nodes) found.left.delete(node)
      if (found.left.size > 0 && found.bar.text !== text) continue
      found.bar.toMs = atMs
      open.delete(found)
    }
  }
  return inRows(bars, untilMs)
}

/** Each bar goes into the first row that is free when it begins; a moment's breath is left between two. */
export function inRows (bars: FaultBar[], untilMs: number): FaultBar[] {
  const breath = untilMs / 100
  const freeFrom: number[] = []
  for (const bar of bars) {
    const row = freeFrom.findIndex(free => free <= bar.fromMs)
    bar.row = row < 0 ? freeFrom.length : row
    freeFrom[bar.row] = (bar.toMs ?? untilMs) + breath
  }
  return bars
}
