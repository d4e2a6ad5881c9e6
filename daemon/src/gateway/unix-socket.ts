import { CloudError, type Clock, type Logger } from '@welkin/interface'
import { listenUnix, type UnixListener } from '@welkin/link-unix'
import type { Caller } from '../dispatch/index.ts'
import type { Node } from '../node.ts'

interface Served { node: Node, clock: Clock, log: Logger }

/**
 * Serves system calls on a UNIX socket of mode 0600: who can open it is the owner, and who shows a task's token is that
 * task's object. Rejects EADDRINUSE where another daemon answers there.
 */
export async function serveOwner (path: string, served: Served): Promise<UnixListener> {
  return await serve(path, served, { open: false, nobody: () => ({ kind: 'owner' }) })
}

/** The same for tasks, which may run as other users: anybody can open it, and without a task's token is nobody. */
export async function serveTasks (path: string, served: Served): Promise<UnixListener> {
  return await serve(path, served, {
    open: true,
    nobody: () => { throw new CloudError('EACCES', 'Only tasks are heard here; show the token in WELKIN_TOKEN.') }
  })
}

/** `nobody`: who asks without a token. */
async function serve (
  path: string, { node, clock, log }: Served, { nobody, open }: { nobody: () => Caller, open: boolean }
): Promise<UnixListener> {
  const decoder = new TextDecoder()
  const handler = node.dispatcher.handler((_context, { chain: [token] }) => {
    if (token === undefined) return nobody()
    const id = node.processes.ownerOf(decoder.decode(token))
    if (id !== undefined) return { kind: 'object', id }
    throw new CloudError('EACCES', 'No object of this node has that token; unset WELKIN_TOKEN to ask as the owner.')
  })
  return await listenUnix({ path, open, clock, log, accept: () => handler })
}
