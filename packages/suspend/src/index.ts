/**
 * Makes WebAssembly modules suspendable: stopped in the middle of what they do, kept as plain data, and resumed in
 * another instance, on whatever machine. Pure: it needs an engine's WebAssembly and nothing else.
 */
export { makeSuspendable, type Suspendable, type SuspendOptions } from './make-suspendable.ts'
export { Guest, SUSPEND, type GuestOptions, type Outcome } from './guest.ts'
export type { GuestState, PendingCall } from './state.ts'
export type { Limits } from './limits.ts'
export type { Value } from './engine.ts'
