import { CloudError, type NodeId } from '@welkin/interface'

/** Why there is no way to `peer` for `protocol`, as an error of this house. */
export function explainDialError (cause: unknown, peer: NodeId, protocol: string): CloudError {
  if (cause instanceof CloudError) return cause
  const because = { fields: { peer }, cause }
  switch (cause instanceof Error ? cause.name : '') {
    case 'UnsupportedProtocolError':
      return notServed(protocol, { peer })
    case 'NoValidAddressesError':
    case 'NotFoundError':
    case 'NoPeerRoutersError':
    case 'DialDeniedError':
    case 'TransportUnavailableError':
      return new CloudError('EHOSTUNREACH', `No address of ${peer} that could be dialed is known; learn one.`, because)
    default:
      return new CloudError('EHOSTDOWN', `${peer} does not answer at any address that is known of it.`, because)
  }
}

export function notServed (protocol: string, fields: { peer: NodeId }): CloudError {
  return new CloudError('ENOSYS', `${fields.peer} does not serve ${protocol}.`, { fields: { ...fields, protocol } })
}
