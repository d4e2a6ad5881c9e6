import { CloudError, isCloudError } from '@welkin/interface/errors'

/** ENOENT. */
export function isGivenUp (id: string): CloudError {
  return new CloudError('ENOENT', 'This conversation is over, or was given up.', { fields: { session: id } })
}

/** Whether who tries to go on with a conversation need not try again: the object has ended, or knows nothing of it. */
export function isLostForGood (error: CloudError): boolean {
  if (isCloudError(error, 'ENOENT')) return error.fields['session'] !== undefined
  return isCloudError(error, 'ESRCH', 'EACCES', 'EPERM')
}
