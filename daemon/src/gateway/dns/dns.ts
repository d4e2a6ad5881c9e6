import { isIPv6 } from 'node:net'
import type { Syscalls } from '@welkin/abi'
import { CloudError, type Clock, type Logger, type MetricRegister } from '@welkin/interface'
import type { Naming } from '@welkin/naming'
import { AnswerCache } from './answer-cache.ts'
import { Authority } from './authority.ts'
import { Domains } from './domains.ts'
import { registerMetrics } from './metrics.ts'
import { NodeAddresses } from './node-addresses.ts'
import type { RateOptions } from './rate.ts'
import { Responder } from './responder.ts'
import { listenTcp, type TcpOptions } from './tcp.ts'
import { listenUdp } from './udp.ts'

export interface DnsPorts {
  /** On whose behalf is asked decides what whoever reaches the port may learn. */
  names: Naming
  syscalls: Pick<Syscalls, 'nodes'>
  clock: Clock
  log: Logger
  metrics: MetricRegister
}

export interface DnsOptions {
  /** An IP address. */
  host: string
  /** 0: any free one. */
  port: number
  /** The label by which all names of the cloud end. */
  cloud: string
  nodeName: string
  rate?: Partial<RateOptions>
  tcp?: Partial<Pick<TcpOptions, 'connectionsMax' | 'idleMs'>>
}

export interface DnsGateway {
  /** `127.0.0.1:5353` or `[::1]:5353`, by UDP and TCP. */
  readonly address: string
  readonly port: number
  close (): Promise<void>
}

const RATE: RateOptions = {
  perSecond: 200, burst: 1000, ownPerSecond: 200_000, ownBurst: 200_000, slip: 2, networksMax: 10_000
}
const TCP = { connectionsMax: 128, idleMs: 10_000 }
const TTL_MAX_S = 5
const NOTHING_TTL_S = 1
const KEPT_REPLIES_MAX = 4096
/** The port that UDP was given may be taken for TCP. */
const TRIES_MAX = 20

/** Serves the cloud's domain by UDP and TCP. Rejects EADDRINUSE, EACCES (the port), EINVAL (the address). */
export async function serveDns (ports: DnsPorts, options: DnsOptions): Promise<DnsGateway> {
  const { clock, log, names, syscalls } = ports
  const { cloud, host, nodeName } = options
  const metrics = registerMetrics(ports.metrics)
  const cache = new AnswerCache(KEPT_REPLIES_MAX)
  const addresses = new NodeAddresses({ syscalls, clock })
  const authority = new Authority({
    resolve: async name => await names.resolve(name),
    domains: new Domains({ names, clock }, cloud),
    nodesAt: async reverse => await addresses.nodesAt(reverse),
    clock,
    log
  }, { cloud, nodeName, ttlMaxS: TTL_MAX_S, nothingTtlS: NOTHING_TTL_S })
  const responder = new Responder({ authority, log, metrics })
  const open = async (): Promise<{ port: number, close: () => Promise<void> }> => {
    const rate = { ...RATE, ...options.rate }
    const udp = await listenUdp({ responder, cache, clock, log, metrics }, { host, port: options.port, rate })
    try {
      const tcp = await listenTcp({ responder, log, metrics }, { host, port: udp.port, ...TCP, ...options.tcp })
      return { port: udp.port, close: async () => { await Promise.all([udp.close(), tcp.close()]) } }
    } catch (error) {
      await udp.close()
      throw error
    }
  }
  const { port, close } = await openSomewhere(open, options)
  // Names have changed: what was said of any may have been said of that one, by its aliases too.
  const cancel = names.onChanged(() => { cache.clear() })
  return {
    address: `${isIPv6(host) ? `[${host}]` : host}:${port}`,
    port,
    close: async () => {
      cancel()
      await close()
    }
  }
}

async function openSomewhere<T> (open: () => Promise<T>, { host, port }: DnsOptions): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await open()
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EADDRINUSE' && port === 0 && tries < TRIES_MAX) continue
      throw asFault(error, host, port)
    }
  }
}

/** Throws what is no fault of the world. */
function asFault (error: unknown, host: string, port: number): CloudError {
  const { code } = error as NodeJS.ErrnoException
  const fields = { host, port }
  const where = `${host} port ${port}`
  if (code === 'EADDRINUSE') {
    const message = `Another program listens on ${where}; give another by --dns, or "off".`
    return new CloudError('EADDRINUSE', message, { fields, cause: error })
  }
  if (code === 'EACCES') {
    const message = `Only root may listen on ${where}; give a port from 1024 by --dns, or grant cap_net_bind_service.`
    return new CloudError('EACCES', message, { fields, cause: error })
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EINVAL') {
    const message = `${host} is no address of this machine; give one by --dns.`
    return new CloudError('EINVAL', message, { fields, cause: error })
  }
  throw error
}
