/** Events keeps what happened on this node lately, and tells whoever listens. */
export { EventLog } from './event-log.ts'
export { serveEvents } from './calls.ts'
