/** A stream of bytes both ways that outlives its connections: numbered, acknowledged, sent again where it must be. */
export { Session, type SessionState, type SessionBounds } from './session.ts'
export { Conversation } from './conversation.ts'
export { KeptConversations, type Kept } from './kept-conversations.ts'
export { isGivenUp } from './given-up.ts'
export { connectWherever, reconnect } from './reconnect.ts'
export { decodeFrame, encodeFrame, type Frame } from './frames.ts'
