import type { Stage } from './stage.ts'

/** The room left of every chart for the names of its lanes and heights. */
export const GUTTER = 60

/** The room right of every chart. */
export const RIGHT = 8

/** How far into the stretch that is seen a moment is, 0 to 1 where it is seen. */
export function fractionOf ({ fromMs, toMs }: Stage, ms: number): number {
  return (ms - fromMs) / (toMs - fromMs)
}

/** How moments become places in a chart, and where it ends. */
export interface Strip { xOf: (ms: number) => number, inner: number, right: number }

export function stripOf (stage: Stage, width: number): Strip {
  const inner = width - GUTTER - RIGHT
  return { inner, right: width - RIGHT, xOf: ms => GUTTER + fractionOf(stage, ms) * inner }
}
