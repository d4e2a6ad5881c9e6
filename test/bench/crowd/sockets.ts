import { subscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'

/** What was sent: bytes as the wire carries them, without headers; messages are packets, or writes that make some. */
export interface Sent { bytes: number, messages: number }

const OPENED = ['net.client.socket', 'net.server.socket'] as const

/**
 * Counts what this process sends over all sockets that it opens from now on; tells it when called. The system's own
 * counters go with their connections.
 */
export function countSent (): () => Sent {
  const open = new Set<Socket>()
  let closedBytes = 0
  let messages = 0
  const count = (socket: Socket): void => {
    const write = socket.write.bind(socket) as (...args: unknown[]) => boolean
    socket.write = (...args: unknown[]) => {
      messages++
      return write(...args)
    }
    open.add(socket)
    socket.once('close', () => {
      open.delete(socket)
      closedBytes += socket.bytesWritten
    })
  }
  for (const channel of OPENED) subscribe(channel, message => { count((message as { socket: Socket }).socket) })
  return () => ({ bytes: [...open].reduce((sum, { bytesWritten }) => sum + bytesWritten, closedBytes), messages })
}
