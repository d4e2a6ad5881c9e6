/** The client library: system calls as functions, over any way to a daemon. */
export { createSyscalls, invoke, type SyscallOptions } from './client.ts'
export type { ArgsOf, CallName, CallOptions, InputOf, ObjectInfo, ReplyOf, Syscalls } from '@welkin/abi'
export { accept, dial, listen, listening, type Caller, type DialOptions } from './dial.ts'
export { beginSession, continueSession, type Reached } from './sessions.ts'
export { Conversations, type ConversationsState, type Dialled } from './conversations.ts'
