import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import type { Clock, Logger } from '@welkin/interface'
import { AnswerCache, withIdOf } from './answer-cache.ts'
import type { DnsMetrics } from './metrics.ts'
import { readQuery, type Query } from './query.ts'
import { ResponseRate, type RateOptions } from './rate.ts'
import { composeTruncated } from './reply.ts'
import { udpBytesMax, type Responder, type Said } from './responder.ts'

export interface UdpPorts { responder: Responder, cache: AnswerCache, clock: Clock, log: Logger, metrics: DnsMetrics }

/** Longer queries are read, and not kept. */
const KEPT_QUERY_BYTES_MAX = 512
/** Queries that wait for names; what comes beyond is dropped, and asked again by who still wants to know. */
const WAITING_MAX = 4096
const RECEIVE_BUFFER_BYTES = 4 << 20

/** Answers datagrams. Rejects as the socket does. */
export async function listenUdp (
  ports: UdpPorts, { host, port, rate }: { host: string, port: number, rate: RateOptions }
): Promise<{ port: number, close: () => Promise<void> }> {
  // Addresses that a datagram came from need no looking up.
  const socket = createSocket({
    type: isIPv6(host) ? 'udp6' : 'udp4',
    lookup: (address, _options, done) => { done(null, address, isIPv6(address) ? 6 : 4) }
  })
  const server = new UdpServer(socket, ports, new ResponseRate(rate))
  socket.on('message', (packet, from) => { server.receive(packet, from) })
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.bind({ port, address: host, exclusive: true }, () => {
      socket.off('error', reject)
      resolve()
    })
  })
  socket.on('error', error => { ports.log.warn('dns.socket_failed', { error }) })
  socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES)
  return {
    port: socket.address().port,
    close: async () => await new Promise<void>(resolve => { socket.close(() => resolve()) })
  }
}

class UdpServer {
  readonly #socket: Socket
  readonly #ports: UdpPorts
  readonly #rate: ResponseRate
  /** The same question of many is worked on once. */
  readonly #working = new Map<string, Promise<Said>>()
  #waiting = 0

  constructor (socket: Socket, ports: UdpPorts, rate: ResponseRate) {
    this.#socket = socket
    this.#ports = ports
    this.#rate = rate
  }

  receive (packet: Buffer, from: RemoteInfo): void {
    const { cache, clock, metrics } = this.#ports
    if (from.port === 0) return // nobody can be answered there
    const nowMs = clock.monotonicMs()
    metrics.queries.add(1, { transport: 'udp' })
    const verdict = this.#rate.judge(from.address, nowMs)
    if (verdict !== 'answer') return this.#limit(verdict, packet, from)
    const key = cache.keyOf(packet)
    const kept = cache.get(key, packet, nowMs)
    if (kept !== undefined) {
      metrics.kept.add()
      return this.#send(kept, from)
    }
    const query = readQuery(packet)
    if (query === undefined || this.#waiting >= WAITING_MAX) return
    void this.#work(key, packet, query, from)
  }

  #limit (verdict: 'slip' | 'drop', packet: Buffer, from: RemoteInfo): void {
    this.#ports.metrics.limited.add(1, { outcome: verdict })
    const query = verdict === 'slip' ? readQuery(packet) : undefined
    if (query !== undefined) this.#send(composeTruncated(query), from)
  }

  async #work (key: string, packet: Buffer, query: Query, from: RemoteInfo): Promise<void> {
    this.#waiting++
    const working = this.#working.get(key) ?? this.#begin(key, packet, query)
    const { reply } = await working
    this.#waiting--
    this.#send(withIdOf(packet, reply), from)
  }

  #begin (key: string, packet: Buffer, query: Query): Promise<Said> {
    const { cache, clock, responder } = this.#ports
    const working = responder.respond(query, udpBytesMax(query)).then(said => {
      if (said.keepMs > 0 && packet.length <= KEPT_QUERY_BYTES_MAX) {
        cache.put(key, said.reply, clock.monotonicMs() + said.keepMs)
      }
      this.#working.delete(key)
      return said
    })
    this.#working.set(key, working)
    return working
  }

  /** What cannot be sent is lost, as datagrams may be; whoever asked asks again. */
  #send (reply: Buffer, { address, port }: RemoteInfo): void {
    this.#socket.send(reply, port, address, () => {})
  }
}
