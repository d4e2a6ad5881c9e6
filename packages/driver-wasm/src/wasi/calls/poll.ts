import { ERRNO, WasiFault } from '../errno.ts'
import type { CallContext, Calls } from '../context.ts'
import { AGAIN, type Again } from '../outside.ts'
import { WINDOW_BYTES, type Conversation } from '../talk/conversation.ts'
import { clockNs, MONOTONIC, REALTIME } from './clocks.ts'

const SUBSCRIPTION_BYTES = 48
const EVENT_BYTES = 32
const CLOCK = 0
const READ = 1
const WRITE = 2
const ABSOLUTE = 1

const HANGUP = 1

/** `hangup`: the other end has ended. */
interface Event { userdata: bigint, error: number, type: number, bytes: number, hangup?: boolean }

/** A wait for a time; by the program's monotonic clock, whatever it named. */
interface Alarm { userdata: bigint, atNs: bigint }

/** Waiting. What is left of a wait goes on where the program does. */
export function pollCalls (context: CallContext): Calls {
  const { memory, outside, state } = context
  const { descriptors, input } = state
  return {
    poll_oneoff: (subscriptions: number, events: number, count: number, done: number): number | Again => {
      const length = count >>> 0
      if (length === 0) return ERRNO.inval
      const end = (subscriptions >>> 0) + length * SUBSCRIPTION_BYTES
      memory.bytes(subscriptions, end - (subscriptions >>> 0))
      memory.bytes(events, length * EVENT_BYTES)
      memory.u32(done)
      const found = wait(subscriptions >>> 0, end)
      if (found === AGAIN) return AGAIN
      for (const [nth, event] of found.entries()) putEvent((events >>> 0) + nth * EVENT_BYTES, event)
      memory.putU32(done, found.length)
      return found.length > 0 ? ERRNO.success : ERRNO.intr
    },
    sched_yield: (): number | Again => outside.wantsSuspension() ? AGAIN : ERRNO.success
  }

  /** None: it was a signal. */
  function wait (first: number, end: number): Event[] | Again {
    const sinceNs = state.waitingSinceNs ??= clockNs(context, MONOTONIC)
    // Who only looks is to see what is new, too.
    if (outside.wantsSuspension()) return AGAIN
    for (;;) {
      const { events, alarms } = look(first, end, sinceNs)
      const nowNs = clockNs(context, MONOTONIC)
      const rung = alarms.filter(({ atNs }) => atNs <= nowNs)
      events.push(...rung.map(({ userdata }) => ({ userdata, error: ERRNO.success, type: CLOCK, bytes: 0 })))
      const isSignaled = events.length === 0 && (state.signals?.length ?? 0) > 0
      if (events.length > 0 || isSignaled) {
        state.waitingSinceNs = undefined
        return events
      }
      const untilNs = alarms.reduce<bigint | undefined>((least, { atNs }) => {
        return least === undefined || atNs < least ? atNs : least
      }, undefined)
      const waited = outside.wait(untilNs === undefined ? undefined : untilNs - state.monotonicOffsetNs)
      if (waited === 'suspend') return AGAIN
    }
  }

  function look (first: number, end: number, sinceNs: bigint): { events: Event[], alarms: Alarm[] } {
    const events: Event[] = []
    const alarms: Alarm[] = []
    for (let at = first; at < end; at += SUBSCRIPTION_BYTES) {
      const userdata = memory.u64(at)
      const type = memory.u8(at + 8)
      if (type === CLOCK) alarms.push({ userdata, atNs: alarmNs(at, sinceNs) })
      else if (type === READ || type === WRITE) {
        const event = lookAt(memory.u32(at + 16), type)
        if (event !== undefined) events.push({ userdata, type, ...event })
      } else throw new WasiFault('inval')
    }
    return { events, alarms }
  }

  function alarmNs (at: number, sinceNs: bigint): bigint {
    const clock = memory.u32(at + 16)
    const timeNs = memory.u64(at + 24)
    if (clock !== REALTIME && clock !== MONOTONIC) throw new WasiFault('inval')
    if ((memory.u16(at + 40) & ABSOLUTE) === 0) return sinceNs + timeNs
    return clock === MONOTONIC ? timeNs : timeNs - clockNs(context, REALTIME) + clockNs(context, MONOTONIC)
  }

  /** Undefined: nothing yet. */
  function lookAt (fd: number, type: number): Omit<Event, 'userdata' | 'type'> | undefined {
    const open = openAt(fd)
    if (open === undefined) return { error: ERRNO.badf, bytes: 0 }
    if (open.kind === 'stream' && open.stream === 'stdin' && type === READ) {
      return input.isReady ? { error: ERRNO.success, bytes: input.bytes } : undefined
    }
    if (open.kind === 'conversation') return lookAtConversation(open.conversation, type)
    if (open.kind === 'listener') {
      const isReady = state.conversations.isCalled(open.listener) || open.listener.failure !== undefined
      return type === READ && isReady ? { error: ERRNO.success, bytes: 1 } : undefined
    }
    if (open.kind !== 'file' || type === WRITE) return { error: ERRNO.success, bytes: 1 }
    return { error: ERRNO.success, bytes: Math.max(0, open.node.content.sizeBytes - open.offset) }
  }

  function lookAtConversation (
    { canRead, canWrite, facts, isAtEnd, session }: Conversation, type: number
  ): Omit<Event, 'userdata' | 'type'> | undefined {
    if (!(type === READ ? canRead : canWrite)) return undefined
    const hangup = facts.failure !== undefined || (isAtEnd && session.isEnded)
    return { error: ERRNO.success, bytes: type === READ ? session.untakenBytes : WINDOW_BYTES, hangup }
  }

  function openAt (fd: number) {
    try {
      return descriptors.get(fd)
    } catch (error) {
      if (error instanceof WasiFault) return undefined
      throw error
    }
  }

  function putEvent (pointer: number, { userdata, error, type, bytes, hangup = false }: Event): void {
    memory.bytes(pointer, EVENT_BYTES).fill(0)
    memory.putU64(pointer, userdata)
    memory.putU16(pointer + 8, error)
    memory.putU8(pointer + 10, type)
    memory.putU64(pointer + 16, BigInt(bytes))
    memory.putU16(pointer + 24, hangup ? HANGUP : 0)
  }
}
