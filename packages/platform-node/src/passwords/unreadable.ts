import { CloudError } from '@welkin/interface'

export function unreadable (cause: unknown): CloudError {
  return new CloudError('EPROTO', 'A step of a login cannot be read; run the same version everywhere.', { cause })
}
