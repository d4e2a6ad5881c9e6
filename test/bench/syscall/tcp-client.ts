import { once } from 'node:events'
import { connect } from 'node:net'
import type { Work } from '../load.ts'
import type { Stage } from '../stage.ts'
import { readMessages, writeMessage } from './tcp-messages.ts'

/** A call over bare TCP to a server process, on one connection: the same values as msgpack, one write a message. */
export async function dialTcp (stage: Stage, request: unknown, reply: unknown): Promise<Work> {
  const port = await stage.fork(new URL('tcp-server.js', import.meta.url)).ask<number>({ reply })
  const socket = connect({ host: '127.0.0.1', port, noDelay: true })
  stage.onClear(() => socket.destroy())
  await once(socket, 'connect')
  const waiting = new Map<number, { resolve: (reply: unknown) => void, reject: (error: Error) => void }>()
  let lastId = 0
  readMessages(socket, message => {
    const [id, answer] = message as [number, unknown]
    waiting.get(id)?.resolve(answer)
    waiting.delete(id)
  })
  socket.on('error', () => { /* `close` follows */ })
  socket.on('close', () => {
    for (const { reject } of waiting.values()) reject(new Error('The TCP server has gone.'))
  })
  return async () => await new Promise((resolve, reject) => {
    const id = ++lastId
    waiting.set(id, { resolve, reject })
    writeMessage(socket, [id, request])
  })
}
