/** Calls over a UNIX socket that nobody but its owner can open; either end may call the other. */
export { connectUnix, type ConnectUnixOptions } from './connect.ts'
export { listenUnix, type ListenUnixOptions, type UnixListener } from './listen.ts'
export type { UnixConnection } from './connection.ts'
