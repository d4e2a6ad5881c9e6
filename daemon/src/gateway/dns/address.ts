import { isIP } from 'node:net'
import { CloudError } from '@welkin/interface'

/** Where DNS is served. */
export interface DnsAddress { host: string, port: number }

const LOOPBACK = '127.0.0.1'

/** Reads `53`, `10.0.0.1:53` or `[::1]:53`. Throws EINVAL. */
export function parseDnsAddress (text: string): DnsAddress {
  const [, inBrackets, plain, digits] = /^(?:(?:\[([^\]]+)\]|([^:]+)):)?(\d{1,5})$/.exec(text) ?? []
  const port = Number(digits)
  const host = inBrackets ?? plain ?? LOOPBACK
  if (digits !== undefined && port <= 65_535 && isIP(host) !== 0) return { host, port }
  const what = 'a port, or an IP address and a port such as 10.0.0.1:53 or [::1]:53'
  throw new CloudError('EINVAL', `DNS cannot be served at ${JSON.stringify(text)}; give ${what}, or "off".`)
}
