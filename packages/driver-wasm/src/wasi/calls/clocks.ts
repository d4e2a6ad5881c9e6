import { ERRNO, WasiFault } from '../errno.ts'
import type { Calls, CallContext } from '../context.ts'

export const REALTIME = 0
export const MONOTONIC = 1
const PROCESS_CPU = 2
const THREAD_CPU = 3

const RESOLUTION_NS = 1000n

/** What a clock shows to the program. Throws `inval` for one that there is not. */
export function clockNs ({ state, outside }: Pick<CallContext, 'state' | 'outside'>, clock: number): bigint {
  if (clock === REALTIME) return outside.wallNs()
  if (clock === MONOTONIC) return outside.monotonicNs() + state.monotonicOffsetNs
  if (clock === PROCESS_CPU || clock === THREAD_CPU) return outside.cpuNs() + state.cpuOffsetNs
  throw new WasiFault('inval')
}

export function clockCalls (context: CallContext): Calls {
  const { memory } = context
  return {
    clock_res_get: (clock: number, pointer: number) => {
      if (clock < REALTIME || clock > THREAD_CPU) return ERRNO.inval
      memory.putU64(pointer, RESOLUTION_NS)
      return ERRNO.success
    },
    clock_time_get: (clock: number, _precision: bigint, pointer: number) => {
      memory.putU64(pointer, clockNs(context, clock))
      return ERRNO.success
    }
  }
}
