import { checkInput, decodeItem, type Call, type Row } from '@welkin/abi'
import type { Channel, Incoming } from '@welkin/interface'
import type { CallContext, Caller, DuplexContext, StreamContext } from './calls.ts'

/** What any way in tells of a call beside its bytes. */
export type Arrival = Pick<Incoming, 'signal' | 'timeoutMs'>

/** The signal is read from the arrival only when a server asks for it: most calls are answered before it matters. */
export function contextOf ({ requestId, hops }: Call, caller: Caller, arrival: Arrival): CallContext {
  return { caller, requestId, hops, get signal () { return arrival.signal } }
}

export function streamContextOf (
  { requestId, hops }: Call, caller: Caller, arrival: Arrival, input: AsyncIterable<unknown>
): StreamContext<unknown> {
  return { caller, requestId, hops, input, get signal () { return arrival.signal } }
}

export function duplexContextOf (
  { requestId, hops }: Call, caller: Caller, arrival: Arrival, channel: Channel
): DuplexContext {
  return { caller, requestId, hops, channel, get signal () { return arrival.signal } }
}

/** What the caller sends, item by item, each checked; `check` throws when no more may come. */
export async function * inputOf (
  name: string, row: Row, channel: Channel, check: () => void
): AsyncGenerator<unknown> {
  for await (const message of channel) {
    check()
    yield checkInput(name, row, decodeItem(row.input, message))
  }
}
