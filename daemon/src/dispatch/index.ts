/** Dispatch is the one door of the kernel: every call, whichever way it came, is checked, routed and answered here. */
export { Dispatcher } from './dispatcher.ts'
export type { Calls, CallContext, Caller, DuplexContext, Locator, StreamContext } from './calls.ts'
export { principalOf } from './principal.ts'
export { nameResource, resourceNames, type Access, type Asked, type ObjectRights } from './access.ts'
export { askNodes } from './ask-nodes.ts'
export { OPEN } from './open-access.ts'
