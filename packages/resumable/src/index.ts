/** A stream of bytes both ways that outlives its connections: numbered, acknowledged, sent again where it must be. */
export { Session, type SessionState, type SessionBounds } from './session.ts'
export { Conversation } from './conversation.ts'
export { isGivenUp, isLostForGood, KeptConversations, type Kept } from './kept-conversations.ts'
export { decodeFrame, encodeFrame, type Frame } from './frames.ts'
