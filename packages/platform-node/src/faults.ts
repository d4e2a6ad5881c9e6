import { CloudError, type ErrorCode } from '@welkin/interface'

const CODES: Readonly<Record<string, ErrorCode>> = {
  ENOENT: 'ENOENT',
  ENOTDIR: 'ENOENT',
  ELOOP: 'EINVAL',
  EISDIR: 'EINVAL',
  EINVAL: 'EINVAL',
  ENAMETOOLONG: 'EINVAL',
  EACCES: 'EACCES',
  EPERM: 'EACCES',
  ENOEXEC: 'ENOEXEC',
  E2BIG: 'E2BIG',
  ETXTBSY: 'EBUSY',
  EAGAIN: 'EAGAIN',
  ENOMEM: 'EAGAIN',
  EMFILE: 'EAGAIN',
  ENFILE: 'EAGAIN',
  ENOSPC: 'ENOSPC',
  EDQUOT: 'ENOSPC',
  EPIPE: 'EPIPE',
  ESRCH: 'ESRCH'
}

const ADVICE: Partial<Record<ErrorCode, string>> = {
  EAGAIN: 'the machine is out of processes, memory or file descriptors for now; try again later',
  ENOSPC: 'the disk is full; make room and try again',
  E2BIG: 'arguments and environment are longer than the machine takes; put them into a file'
}

/** The machine's error code (`ENOENT`), where `error` has one. */
export function systemCode (error: unknown): string | undefined {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : undefined
}

/** A fault of the machine as an error of this house; `what` says what failed. A bug stays what it is. */
export function asCloudError (error: unknown, what: string): unknown {
  if (error instanceof CloudError) return error
  const system = systemCode(error)
  if (system === undefined || system.startsWith('ERR_')) return error
  const code = CODES[system] ?? 'EIO'
  return new CloudError(code, `${what}: ${ADVICE[code] ?? (error as Error).message}.`, { cause: error })
}
