/** Conversations that go on over broken connections, and with an object that moves. */
export { Mending, type Reconnect } from './mending.ts'
export { Sessions, type CarriedSession } from './sessions.ts'
