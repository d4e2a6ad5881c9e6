import { clockCalls } from './calls/clocks.ts'
import { descriptorCalls } from './calls/descriptors.ts'
import { pathCalls } from './calls/paths.ts'
import { pollCalls } from './calls/poll.ts'
import { processCalls } from './calls/process.ts'
import { socketCalls } from './calls/sockets.ts'
import { streamCalls } from './calls/streams.ts'
import { welkinCalls } from './calls/welkin.ts'
import type { Call, CallContext, Calls } from './context.ts'
import { ERRNO, WasiFault } from './errno.ts'
import { AGAIN } from './outside.ts'

const WASI = 'wasi_snapshot_preview1'
const WELKIN = 'welkin'
/** Faults of `welkin` are below this, which no length is. */
const WELKIN_FAULT = -0x4000_0000

/** Calls that may wait, or that a program that never waits makes from time to time. */
const SUSPENDING: Readonly<Record<string, readonly string[]>> = {
  [WASI]: ['fd_read', 'fd_write', 'poll_oneoff', 'sched_yield', 'sock_accept', 'sock_recv', 'sock_send'],
  [WELKIN]: ['sys', 'send', 'receive', 'dial']
}

/** Whether a program can be suspended in a call. */
export function isSuspending (module: string, name: string): boolean {
  return SUSPENDING[module]?.includes(name) ?? false
}

type Imports = Record<string, Record<string, (...args: never[]) => unknown>>

/** What a program can import; `again` is what a call gives that asks to be made again. */
export function createImports (context: CallContext, again: unknown): Imports {
  const wasi = {
    ...processCalls(context), ...clockCalls(context), ...streamCalls(context), ...descriptorCalls(context),
    ...pathCalls(context), ...pollCalls(context), ...socketCalls(context)
  }
  return {
    [WASI]: guarded(wasi, again, errno => errno),
    [WELKIN]: guarded(welkinCalls(context), again, errno => WELKIN_FAULT - errno)
  }
}

/** What a program can import whose state is known only once it has been given them, and before it calls any. */
export function createLateImports (): { imports: Imports, bind: (context: CallContext, again: unknown) => void } {
  let bound: Imports = {}
  const lateCalls = (module: string, names: readonly string[]) => Object.fromEntries(names.map(name => {
    let call: ((...args: never[]) => unknown) | undefined
    return [name, (...args: never[]): unknown => {
      call ??= bound[module]?.[name]
      return call?.(...args)
    }]
  }))
  const modules = Object.entries(importNames())
  return {
    imports: Object.fromEntries(modules.map(([module, names]) => [module, lateCalls(module, names)])),
    bind: (context, again) => { bound = createImports(context, again) }
  }
}

/** What all programs can import, by module. */
export function importNames (): Record<string, readonly string[]> {
  const imports = createImports({
    memory: undefined, outside: undefined, state: { descriptors: undefined, tree: undefined, input: undefined }
  } as unknown as CallContext, undefined)
  return Object.fromEntries(Object.entries(imports).map(([module, calls]) => [module, Object.keys(calls)]))
}

/** `numberOf`: what a program gets to see of a fault. */
function guarded (
  calls: Calls, again: unknown, numberOf: (errno: number) => number
): Record<string, (...args: never[]) => unknown> {
  const guard = (call: Call) => (...args: never[]): unknown => {
    try {
      const result = call(...args)
      return result === AGAIN ? again : result
    } catch (error) {
      if (!(error instanceof WasiFault)) throw error
      return numberOf(ERRNO[error.errno])
    }
  }
  return Object.fromEntries(Object.entries(calls).map(([name, call]) => [name, guard(call)]))
}
