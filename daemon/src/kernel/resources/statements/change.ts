import type { Coordinate } from '@welkin/interface'
import type { Vitals } from './vitals.ts'

/**
 * How much vitals differ: `urgent`, what this node has promised or asks for it has changed, by which others place;
 * `slight`, worth a word when there is occasion, and how busy it is among it, since a busy machine is so in fits and
 * starts; `none`. Without these thresholds every flicker of a load would cross the site.
 */
export type Change = 'none' | 'slight' | 'urgent'

const RATIO_STEP = 0.1
const SHARE_OF_FREE = 0.05
const FREE_BYTES_STEP = 128 * 2 ** 20
const COORDINATE_STEP_MS = 1
const COORDINATE_STEP_SHARE = 0.1

export function changeOf (before: Vitals, after: Vitals): Change {
  const [was, is] = [before.load, after.load]
  const isUrgent = before.leaving !== after.leaving || before.price !== after.price || was.objects !== is.objects ||
    was.objectsMax !== is.objectsMax || was.cpuPromised !== is.cpuPromised ||
    was.memoryPromisedBytes !== is.memoryPromisedBytes
  if (isUrgent) return 'urgent'
  const { pressure: waited } = was
  const { pressure: waits } = is
  const isSlight = isFar(was.cpuBusyRatio, is.cpuBusyRatio, RATIO_STEP) ||
    isFarShare(was.memoryFreeBytes, is.memoryFreeBytes) || isFarShare(was.diskFreeBytes, is.diskFreeBytes) ||
    hasMoved(before.coordinate, after.coordinate) ||
    isFar(waited?.cpu, waits?.cpu, RATIO_STEP) || isFar(waited?.memory, waits?.memory, RATIO_STEP) ||
    isFar(waited?.io, waits?.io, RATIO_STEP)
  return isSlight ? 'slight' : 'none'
}

function isFar (a: number | undefined, b: number | undefined, step: number): boolean {
  if (a === undefined || b === undefined) return a !== b
  return Math.abs(a - b) >= step - 1e-9
}

/** Whether two amounts of something that is free differ by a twentieth, and by more than noise. */
function isFarShare (a: number | undefined, b: number | undefined): boolean {
  if (a === undefined || b === undefined) return a !== b
  return Math.abs(a - b) >= Math.max(FREE_BYTES_STEP, SHARE_OF_FREE * Math.max(a, b))
}

function hasMoved (a: Coordinate | undefined, b: Coordinate | undefined): boolean {
  if (a === undefined || b === undefined || a.vector.length !== b.vector.length) return a !== b
  const moved = Math.hypot(a.heightMs - b.heightMs, ...a.vector.map((ms, i) => ms - (b.vector[i] as number)))
  const size = Math.hypot(a.heightMs, ...a.vector)
  return moved >= Math.max(COORDINATE_STEP_MS, COORDINATE_STEP_SHARE * size) || isFar(a.error, b.error, 2 * RATIO_STEP)
}
