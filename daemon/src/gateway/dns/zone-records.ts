import { isIPv6 } from 'node:net'
import { TOP_DOMAIN, type Endpoint } from '@welkin/interface'
import { tiersOf } from '@welkin/naming'
import type { DnsRecord } from './reply.ts'

const TEXT_BYTES_MAX = 255
/** Of the targets that are equally near none is preferred. */
const WEIGHT = 1

/** `n3.node.acme.welkin` */
export function hostName (nodeName: string, cloud: string): string {
  return `${nodeName}.node.${cloud}.${TOP_DOMAIN}`
}

/** The addresses of the nodes on which the endpoints are, nearest first, each once. */
export function addressRecords (
  name: string, type: 'A' | 'AAAA', endpoints: readonly Pick<Endpoint, 'addresses'>[], ttlS: number
): DnsRecord[] {
  const addresses = new Set(endpoints.flatMap(endpoint => endpoint.addresses))
  return [...addresses].filter(address => isIPv6(address) === (type === 'AAAA'))
    .map(data => ({ name, type, ttlS, data }))
}

/**
 * Where the endpoints listen by TCP, those that are about as near with the same priority (RFC 2782); of one port by
 * name, or of all.
 */
export function serviceRecords (
  name: string, cloud: string, endpoints: readonly Endpoint[], ttlS: number, service?: string
): DnsRecord[] {
  const tiers = tiersOf(endpoints)
  const records = endpoints.flatMap(({ nodeName, ports }, at) => nodeName === undefined ? [] : Object.entries(ports)
    .filter(([port, number]) => number > 0 && (service === undefined || service === port))
    .map(([, port]): DnsRecord => ({
      name, type: 'SRV', ttlS,
      data: { priority: tiers[at] ?? 0, weight: WEIGHT, port, target: hostName(nodeName, cloud) }
    })))
  const distinct = new Map(records.map(record => [JSON.stringify(record.data), record]))
  return [...distinct.values()]
}

/** The addresses of the nodes that these services are on, so that nobody has to ask for them. */
export function targetRecords (
  services: readonly DnsRecord[], cloud: string, endpoints: readonly Endpoint[], ttlS: number
): DnsRecord[] {
  const targets = new Set(services.flatMap(({ type, data }) => type === 'SRV' ? data.target : []))
  const seen = new Set<string>()
  return endpoints.flatMap(endpoint => {
    const host = endpoint.nodeName === undefined ? undefined : hostName(endpoint.nodeName, cloud)
    if (host === undefined || !targets.has(host) || seen.has(`${host} ${endpoint.node}`)) return []
    seen.add(`${host} ${endpoint.node}`)
    return (['A', 'AAAA'] as const).flatMap(type => addressRecords(host, type, [endpoint], ttlS))
  })
}

/** What each endpoint is, as key and value (RFC 6763, section 6): `object=…`, `node=n3`, `http=8080`. */
export function textRecords (name: string, endpoints: readonly Endpoint[], ttlS: number): DnsRecord[] {
  return endpoints.map(({ object, blob, node, nodeName, ports }) => ({
    name,
    type: 'TXT',
    ttlS,
    data: [
      ...Object.entries({ object, blob, node: nodeName ?? node }), ...Object.entries(ports)
    ].flatMap(([key, value]) => value === undefined ? [] : `${key}=${value}`.slice(0, TEXT_BYTES_MAX))
  }))
}
