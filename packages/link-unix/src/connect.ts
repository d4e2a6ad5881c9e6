import { connect, type Socket } from 'node:net'
import { CloudError, type Clock, type ErrorCode, type Handler, type Logger } from '@welkin/interface'
import { Wire, type Call, type WireLimits } from '@welkin/wire'
import { connectionOf, type UnixConnection } from './connection.ts'
import { checkPath } from './path.ts'
import { SocketPipe } from './socket-pipe.ts'

export interface ConnectUnixOptions {
  path: string
  clock: Clock
  log: Logger
  /** Milliseconds until both ends have said hello. @default 5000 */
  timeoutMs?: number
  /** Answers calls that the listening end makes. */
  handler?: Handler<Call>
  limits?: Partial<WireLimits>
}

/**
 * Connects to whoever listens at `path`. Rejects ENOENT when there is no socket, EHOSTDOWN when nobody answers on it,
 * EACCES when it is another user's, EPROTO when the other end speaks another version, ETIMEDOUT, EINVAL for the path.
 */
export async function connectUnix (options: ConnectUnixOptions): Promise<UnixConnection> {
  const { clock, handler, limits, log, path, timeoutMs = 5000 } = options
  checkPath(path)
  const pipe = new SocketPipe(await connectSocket(path))
  const wire = new Wire({ pipe, clock, log, handler, limits, defer: setImmediate, about: { path } })
  const cancelTimer = clock.after(timeoutMs, () => pipe.abort())
  try {
    await wire.ready
  } catch (error) {
    if (error instanceof CloudError && error.code === 'EPROTO') throw error
    const message = `Whoever listens at ${path} does not answer; start it again.`
    throw new CloudError('EHOSTDOWN', message, { fields: { path }, cause: error })
  } finally {
    cancelTimer()
  }
  return connectionOf(wire)
}

/** Connects; rejects with a CloudError that says what to do. */
export function connectSocket (path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path)
    const onError = (error: NodeJS.ErrnoException): void => reject(explain(path, error))
    socket.once('error', onError)
    socket.once('connect', () => {
      socket.off('error', onError)
      resolve(socket)
    })
  })
}

const EXPLANATIONS: Record<string, [ErrorCode, string]> = {
  ENOENT: ['ENOENT', 'there is no socket; start the daemon, or name another path'],
  ECONNREFUSED: ['EHOSTDOWN', 'nobody listens any more; start the daemon again'],
  EACCES: ['EACCES', 'it belongs to another user; act as that user'],
  EAGAIN: ['EAGAIN', 'too many connections wait to be accepted; try again']
}

function explain (path: string, cause: NodeJS.ErrnoException): CloudError {
  const [code, advice] = EXPLANATIONS[cause.code ?? ''] ?? ['EHOSTDOWN', 'connecting failed; see the cause']
  return new CloudError(code, `At ${path} ${advice}.`, { fields: { path }, cause })
}
