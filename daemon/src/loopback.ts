import { CloudError } from '@welkin/interface'

const LOOPBACK = /^\/(ip4\/127\.\d+\.\d+\.\d+|ip6\/::1|dns4?\/localhost)\//

/**
 * Until nodes are admitted by ticket, whoever reaches a daemon may use it, so it listens to its own machine alone.
 * Rejects EACCES.
 */
export function requireLoopback (address: string): void {
  if (LOOPBACK.test(address)) return
  throw new CloudError('EACCES',
    `A daemon that listens on ${address} would be open to everybody there, as nodes are not admitted by ticket yet; ` +
    'listen on /ip4/127.0.0.1/tcp/PORT.',
    { fields: { address } })
}
