import { CloudError, type ErrorCode } from '@welkin/interface'

const CODES: Readonly<Record<string, ErrorCode>> = {
  ENOENT: 'ENOENT', ENOTDIR: 'ENOENT', EISDIR: 'EINVAL', EINVAL: 'EINVAL', ENAMETOOLONG: 'EINVAL', ELOOP: 'EINVAL',
  EACCES: 'EACCES', EPERM: 'EACCES', ENOSPC: 'ENOSPC', EDQUOT: 'ENOSPC', EMFILE: 'EAGAIN', ENFILE: 'EAGAIN',
  EAGAIN: 'EAGAIN', ENOMEM: 'EAGAIN'
}

/** A fault of the machine as an error of this house; `what` says what failed. A bug stays what it is. */
export function asCloudError (error: unknown, what: string): unknown {
  if (error instanceof CloudError || !(error instanceof Error)) return error
  const code: unknown = 'code' in error ? error.code : undefined
  if (typeof code !== 'string' || code.startsWith('ERR_')) return error
  return new CloudError(CODES[code] ?? 'EIO', `${what}: ${error.message}.`, { cause: error })
}
