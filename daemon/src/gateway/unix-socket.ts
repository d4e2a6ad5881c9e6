import { CloudError, type Clock, type Logger } from '@welkin/interface'
import { listenUnix, type UnixListener } from '@welkin/link-unix'
import type { Node } from '../node.ts'

/**
 * Serves system calls on a UNIX socket of mode 0600: who can open it is the owner, and who shows a task's token is that
 * task's object. Rejects EADDRINUSE where another daemon answers there.
 */
export async function serveUnixSocket (
  path: string, { node, clock, log }: { node: Node, clock: Clock, log: Logger }
): Promise<UnixListener> {
  const decoder = new TextDecoder()
  const handler = node.dispatcher.handler((_context, { chain: [token] }) => {
    if (token === undefined) return { kind: 'owner' }
    const id = node.processes.ownerOf(decoder.decode(token))
    if (id !== undefined) return { kind: 'object', id }
    throw new CloudError('EACCES', 'No object of this node has that token; unset WELKIN_TOKEN to ask as the owner.')
  })
  return await listenUnix({ path, clock, log, accept: () => handler })
}
