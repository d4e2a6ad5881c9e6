/** Conversations that go on over broken connections. */
export { Mending, type Reconnect } from './mending.ts'
export { Sessions } from './sessions.ts'
