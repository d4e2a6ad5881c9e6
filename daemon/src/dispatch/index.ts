/** Dispatch is the one door of the kernel: every call, by whichever way it came in, is checked, routed and answered here. */
export { Dispatcher } from './dispatcher.ts'
export type { Calls, CallContext, Caller, Locator, StreamContext } from './calls.ts'
export { principalOf } from './principal.ts'
