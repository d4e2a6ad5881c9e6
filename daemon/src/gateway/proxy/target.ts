import { isIP } from 'node:net'
import { CloudError } from '@welkin/interface'

/** `NAME:PORT`, as it is dialled. Throws EACCES for an address. */
export function targetOf (name: string, port: number | string): string {
  if (isIP(name) === 0) return `${name}:${port}`
  throw noAddresses()
}

export function noAddresses (): CloudError {
  return new CloudError('EACCES', 'This proxy leads to names of the cloud, not to addresses: ask for NAME.welkin, ' +
    'leave it to the proxy to resolve that (curl: --proxy socks5h://), and reach addresses without a proxy.')
}
