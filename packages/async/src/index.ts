/** Waiting, without a timer of its own: everything here takes the node's Clock. */
export { repeat } from './repeat.ts'
export { sleep } from './sleep.ts'
export { withDeadline } from './deadline.ts'
export { backOffMs, type BackOff } from './back-off.ts'
export { Gate } from './gate.ts'
export { Mailbox } from './mailbox.ts'
export { mapConcurrently } from './map-concurrently.ts'
export { collectBytes, concatBytes } from './bytes.ts'
