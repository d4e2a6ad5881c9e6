import { createServer, type Server, type Socket } from 'node:net'
import type { Logger } from '@welkin/interface'
import { TCP_BYTES_MAX } from './codes.ts'
import { framed, Framing } from './framing.ts'
import type { DnsMetrics } from './metrics.ts'
import { readQuery } from './query.ts'
import type { Responder } from './responder.ts'

export interface TcpOptions {
  host: string
  port: number
  /** At a time. */
  connectionsMax: number
  /** A connection that says nothing for so long is closed. */
  idleMs: number
}

export interface TcpPorts { responder: Responder, log: Logger, metrics: DnsMetrics }

/** Queries of one connection that are worked on at a time; the others stay in the socket. */
const WORKING_MAX = 32
/** Answers that nobody takes. */
const UNSENT_BYTES_MAX = 1 << 20

/** Answers connections, each as many queries as it likes (RFC 7766). Rejects as the socket does. */
export async function listenTcp (
  ports: TcpPorts, { host, port, connectionsMax, idleMs }: TcpOptions
): Promise<{ close: () => Promise<void> }> {
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.setTimeout(idleMs, () => { socket.destroy() })
    socket.on('close', () => { sockets.delete(socket) })
    new TcpConnection(socket, ports).open()
  })
  server.maxConnections = connectionsMax
  await listen(server, host, port)
  server.on('error', error => { ports.log.warn('dns.socket_failed', { error }) })
  return {
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>(resolve => { server.close(() => resolve()) })
    }
  }
}

class TcpConnection {
  readonly #socket: Socket
  readonly #ports: TcpPorts
  readonly #framing = new Framing()
  #working = 0

  constructor (socket: Socket, ports: TcpPorts) {
    this.#socket = socket
    this.#ports = ports
  }

  open (): void {
    this.#socket.on('data', chunk => { for (const message of this.#framing.take(chunk)) void this.#answer(message) })
    // Whoever breaks off is not missed.
    this.#socket.on('error', () => {})
  }

  async #answer (message: Buffer): Promise<void> {
    const { metrics, responder } = this.#ports
    metrics.queries.add(1, { transport: 'tcp' })
    const query = readQuery(message)
    if (query === undefined) {
      this.#socket.destroy()
      return
    }
    if (++this.#working >= WORKING_MAX) this.#socket.pause()
    const { reply } = await responder.respond(query, TCP_BYTES_MAX)
    if (--this.#working < WORKING_MAX) this.#socket.resume()
    if (!this.#socket.writable) return
    this.#socket.write(framed(reply))
    if (this.#socket.writableLength > UNSENT_BYTES_MAX) this.#socket.destroy()
  }
}

async function listen (server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port, exclusive: true }, () => {
      server.off('error', reject)
      resolve()
    })
  })
}
