import { CloudError, type ErrorCode } from '@welkin/interface'

const CODES: Readonly<Record<string, ErrorCode>> = {
  ENOSPC: 'ENOSPC', EDQUOT: 'ENOSPC', EFBIG: 'ENOSPC',
  ENOENT: 'ENOENT',
  EACCES: 'EACCES', EPERM: 'EACCES', EROFS: 'EACCES',
  EMFILE: 'EAGAIN', ENFILE: 'EAGAIN',
  ENOTDIR: 'EINVAL', EISDIR: 'EINVAL', ENAMETOOLONG: 'EINVAL'
}

const ADVICE: Partial<Record<ErrorCode, string>> = {
  ENOSPC: 'the disk is full; make room on it.',
  ENOENT: 'it is not there.',
  EACCES: 'the operating system does not allow it; check who owns it.',
  EAGAIN: 'this process has too many files open; try again, or raise its limit.',
  EINVAL: 'its name does not go with the files that are there.'
}

export function isErrno (error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

/** What failed at the file system or below it, by code; `what` begins the message. */
export function diskErrorOf (error: unknown, what: string): CloudError {
  if (error instanceof CloudError) return error
  const code = CODES[nativeCodeOf(error)] ?? 'EIO'
  return new CloudError(code, `${what}: ${ADVICE[code] ?? 'the disk has failed; see the log.'}`, { cause: error })
}

// The embedded store tells what the operating system said only in its message.
function nativeCodeOf (error: unknown): string {
  if (!(error instanceof Error)) return ''
  const code = 'code' in error ? String(error.code) : ''
  if (!code.startsWith('LEVEL_')) return code
  const text = `${error.message} ${error.cause instanceof Error ? error.cause.message : ''}`
  return /no space left|quota exceeded/i.test(text) ? 'ENOSPC' : code
}
