import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { answerParent } from '../child.ts'
import { readMessages, writeMessage } from './tcp-messages.ts'

answerParent(async ({ reply }: { reply: unknown }) => {
  const server = createServer({ noDelay: true }, socket => {
    socket.on('error', () => socket.destroy())
    readMessages(socket, message => {
      const [id] = message as [number, unknown]
      writeMessage(socket, [id, reply])
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
})
