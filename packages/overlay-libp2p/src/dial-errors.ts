import { CloudError, type NodeId } from '@welkin/interface'

/** Why there is no way to `peer` for `protocol`, as an error of this house. */
export function explainDialError (cause: unknown, peer: NodeId, protocol: string): CloudError {
  if (cause instanceof CloudError) return cause
  const fields = { peer }
  const name = cause instanceof Error ? cause.name : ''
  if (name === 'UnsupportedProtocolError') return notServed(protocol, fields)
  if (name === 'NotStartedError') return new CloudError('ECONNRESET', 'This node has left the overlay; start it again.', { fields, cause })
  if (NO_WAY.has(name)) {
    return new CloudError('EHOSTUNREACH', `No address of ${peer} is known that could be dialed; learn one first.`, { fields, cause })
  }
  return new CloudError('EHOSTDOWN', `${peer} does not answer at any address that is known of it.`, { fields, cause })
}

export function notServed (protocol: string, fields: { peer: NodeId }): CloudError {
  return new CloudError('ENOSYS', `${fields.peer} does not serve ${protocol}.`, { fields: { ...fields, protocol } })
}

/** libp2p's names for a peer without an address that this node could dial. */
const NO_WAY = new Set(['NoValidAddressesError', 'NotFoundError', 'NoPeerRoutersError', 'DialDeniedError', 'TransportUnavailableError'])
