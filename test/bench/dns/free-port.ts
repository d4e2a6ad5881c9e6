import { createSocket } from 'node:dgram'
import { once } from 'node:events'

/** A UDP port of loopback that nobody had a moment ago. */
export async function freePort (): Promise<number> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  return port
}

/** Resolves when something answers by UDP there, or after a second. */
export async function untilAnswered (port: number): Promise<void> {
  const socket = createSocket('udp4')
  const query = Buffer.from('000100000001000000000000000001', 'hex')
  const asking = Buffer.concat([query.subarray(0, 12), Buffer.of(0, 0, 1, 0, 1)])
  for (let tries = 0; tries < 20; tries++) {
    socket.send(asking, port, '127.0.0.1', () => {})
    const answered = await Promise.race([
      once(socket, 'message').then(() => true, () => false),
      new Promise<false>(resolve => { setTimeout(() => resolve(false), 50) })
    ])
    if (answered) break
  }
  socket.close()
}
