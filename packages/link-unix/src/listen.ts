import { chmod, lstat, rm, stat } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { dirname } from 'node:path'
import { CloudError, isCloudError, type Clock, type Handler, type Logger } from '@welkin/interface'
import { Wire, type Call, type WireLimits } from '@welkin/wire'
import { connectSocket } from './connect.ts'
import { connectionOf, type UnixConnection } from './connection.ts'
import { checkPath } from './path.ts'
import { SocketPipe } from './socket-pipe.ts'

export interface ListenUnixOptions {
  path: string
  /** Called for each connection: returns what answers its calls, and may keep it to call the other end. */
  accept: (connection: UnixConnection) => Handler<Call>
  /** Whether everybody who can come to the directory may connect, and not only who runs this. */
  open?: boolean
  clock: Clock
  log: Logger
  limits?: Partial<WireLimits>
}

export interface UnixListener {
  /** Ends all connections and removes the socket; resolves when that is done. */
  close (): Promise<void>
}

/**
 * Listens at `path` with mode 0600, or 0666 if `open`. A socket that a dead process left there is replaced. Rejects
 * EADDRINUSE when somebody answers on it, EEXIST when something other than a socket is there, ENOENT and EACCES for its
 * directory, EINVAL for the path.
 */
export async function listenUnix (options: ListenUnixOptions): Promise<UnixListener> {
  const { path, log, open = false } = options
  checkPath(path)
  const wires = new Set<Wire>()
  const server = createServer(socket => {
    const wire = serve(new SocketPipe(socket), options)
    wires.add(wire)
    void wire.closed.then(() => wires.delete(wire))
  })
  await listen(server, path).catch(async error => {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw await explain(path, error)
    await removeStale(path)
    await listen(server, path).catch(async again => { throw await explain(path, again) })
  })
  server.on('error', error => log.error('link_unix.accept_failed', { path, error }))
  await chmod(path, open ? 0o666 : 0o600)
  return {
    close: async () => {
      const closed = new Promise(resolve => server.close(resolve))
      for (const wire of wires) wire.close()
      await closed
    }
  }
}

function serve (pipe: SocketPipe, { accept, clock, limits, log, path }: ListenUnixOptions): Wire {
  const wire: Wire = new Wire({
    pipe,
    clock,
    log,
    limits,
    defer: setImmediate,
    about: { path },
    handler: { // nothing is received in this tick, so `handler` is there before the first call
      request: (payload, call) => handler.request(payload, call),
      channel: (payload, channel, call) => handler.channel(payload, channel, call)
    }
  })
  const handler = accept(connectionOf(wire))
  return wire
}

// The socket comes to be inside `listen`, so the mask holds for it alone; with 077 no other user may open it unasked.
function listen (server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.once('listening', () => {
      server.off('error', reject)
      resolve()
    })
    const before = process.umask(0o077)
    try {
      server.listen(path)
    } finally {
      process.umask(before)
    }
  })
}

/** Removes a socket on which nobody answers. */
async function removeStale (path: string): Promise<void> {
  const fields = { path }
  const entry = await lstat(path).catch(() => undefined)
  if (entry === undefined) return // it went away by itself
  if (!entry.isSocket()) {
    const message = `At ${path} is something other than a socket; remove it, or name another path.`
    throw new CloudError('EEXIST', message, { fields })
  }
  try {
    const socket = await connectSocket(path)
    socket.destroy()
  } catch (error) {
    if (!isCloudError(error, 'EHOSTDOWN', 'ENOENT')) throw error
    await rm(path, { force: true })
    return
  }
  throw new CloudError('EADDRINUSE', `Another process listens at ${path}; stop it, or name another path.`, { fields })
}

async function explain (path: string, cause: unknown): Promise<CloudError> {
  const { code, message } = cause as NodeJS.ErrnoException
  const because = { fields: { path }, cause }
  if (code === 'EADDRINUSE') {
    return new CloudError('EADDRINUSE', `Another process has just taken ${path}; name another path.`, because)
  }
  // libuv says EACCES for a directory that is not there, too.
  const directory = await stat(dirname(path)).catch(() => undefined)
  if (directory === undefined) return new CloudError('ENOENT', `There is no directory for ${path}; create it.`, because)
  if (code === 'EACCES') return new CloudError('EACCES', `The directory of ${path} may not be written to.`, because)
  return new CloudError('EIO', `Cannot listen at ${path}: ${message}.`, because)
}
