import type { ReplyOf } from '@welkin/abi'
import { formatSpan } from '../print/durations.ts'
import { formatRate, formatSize } from '../print/sizes.ts'

type Item = ReplyOf<'migrate'>

/** What a move took, in a line. */
export function describeMoved (
  { id, from, to, totalMs, downMs, bytes, rounds }: Omit<Extract<Item, { kind: 'moved' }>, 'kind'>
): string {
  const copies = `${formatSize(bytes)} in ${rounds + 1} cop${rounds === 0 ? 'y' : 'ies'}`
  const took = `${formatSpan(totalMs)}, of which it stood still for ${formatSpan(downMs)}`
  return `${id.slice(0, 12)} ${from} -> ${to}: ${took}; ${copies}`
}

/** What a move would take, in a line. */
export function describeCost (cost: Omit<Extract<Item, { kind: 'plan' }>, 'kind'>): string {
  const { id, from, to, manner, bytes, dirtyBytesPerSecond, bandwidthBytesPerSecond, totalMs, downMs } = cost
  if (manner === 'restart') return `${id.slice(0, 12)} ${from} -> ${to}: ends here and starts anew there`
  const state = `${formatSize(bytes)}, written at ${formatRate(dirtyBytesPerSecond)}`
  const way = bandwidthBytesPerSecond === undefined
    ? 'the way is not measured yet (welkin measure)'
    : `at ${formatRate(bandwidthBytesPerSecond)}`
  const expected = totalMs === undefined || downMs === undefined
    ? ''
    : `; about ${formatSpan(totalMs)}, of which it stands still for ${formatSpan(downMs)}`
  return `${id.slice(0, 12)} ${from} -> ${to}: ${state}, ${way}${expected}`
}
