import type { ReplyOf, Syscalls } from '@welkin/abi'
import { NodeDirectory } from '../node/directory.ts'
import { formatSpan } from '../print/durations.ts'
import { formatRate, formatSize } from '../print/sizes.ts'

type Item = ReplyOf<'migrate'>

/** What nodes are called, for people; all of the cloud that answer. */
export async function nameNodes (syscalls: Syscalls): Promise<(id: string) => string> {
  const directory = new NodeDirectory((await syscalls.nodes({ scope: 'cloud' })).nodes)
  return id => directory.nameOf(id)
}

/** What a move took, in a line. */
export function describeMoved (
  { id, from, to, totalMs, downMs, bytes, rounds }: Omit<Extract<Item, { kind: 'moved' }>, 'kind'>,
  nameOf: (node: string) => string
): string {
  const copies = `${formatSize(bytes)} in ${rounds + 1} cop${rounds === 0 ? 'y' : 'ies'}`
  const took = `${formatSpan(totalMs)}, of which it stood still for ${formatSpan(downMs)}`
  return `${id.slice(0, 12)} ${nameOf(from)} -> ${nameOf(to)}: ${took}; ${copies}`
}

/** What a move would take, in a line. */
export function describeCost (
  cost: Omit<Extract<Item, { kind: 'plan' }>, 'kind'>, nameOf: (node: string) => string
): string {
  const { id, from, to, manner, bytes, dirtyBytesPerSecond, bandwidthBytesPerSecond, totalMs, downMs } = cost
  const way = `${id.slice(0, 12)} ${nameOf(from)} -> ${nameOf(to)}`
  if (manner === 'restart') return `${way}: ends here and starts anew there`
  const state = manner === 'stop'
    ? `how large its state is shows when it is asked for it (its memory: ${formatSize(bytes)})`
    : `${formatSize(bytes)}, written at ${formatRate(dirtyBytesPerSecond)}`
  const pace = bandwidthBytesPerSecond === undefined
    ? 'the way is not measured yet (welkin measure)'
    : `at ${formatRate(bandwidthBytesPerSecond)}`
  const expected = totalMs === undefined || downMs === undefined
    ? ''
    : `; about ${formatSpan(totalMs)}, of which it stands still for ${formatSpan(downMs)}`
  return `${way}: ${state}, ${pace}${expected}`
}
