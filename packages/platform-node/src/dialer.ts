import { connect } from 'node:net'
import { CloudError, onAbort, throwIfAborted, type Dialer } from '@welkin/interface'
import { socketStream } from './socket-stream.ts'

/** Connects over TCP to what listens on 127.0.0.1. */
export function createNodeDialer (): Dialer {
  return {
    async connect (port, { signal } = {}) {
      throwIfAborted(signal)
      const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true, noDelay: true })
      await new Promise<void>((resolve, reject) => {
        const ignoreAbort = onAbort(signal, reason => {
          socket.destroy()
          reject(reason)
        })
        socket.once('connect', () => {
          ignoreAbort()
          resolve()
        })
        socket.once('error', (cause: NodeJS.ErrnoException) => {
          ignoreAbort()
          reject(faultOf(port, cause))
        })
      })
      return socketStream(socket)
    }
  }
}

function faultOf (port: number, cause: NodeJS.ErrnoException): CloudError {
  const fields = { port }
  if (cause.code === 'EMFILE' || cause.code === 'ENFILE' || cause.code === 'EADDRNOTAVAIL') {
    const message = 'This machine has too many open connections; try again when some have ended.'
    return new CloudError('EAGAIN', message, { fields, cause })
  }
  return new CloudError('ECONNREFUSED', `Nothing listens on TCP port ${port} of the loopback address.`, {
    fields, cause
  })
}
