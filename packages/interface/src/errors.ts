/**
 * The one table of error codes. POSIX names where POSIX has one; `http` is the status the HTTP gateway gives.
 * Codes are never reused. `docs/errors.md` is generated from this table.
 */
export const ERRORS = {
  E2BIG: { http: 413, meaning: 'The request, a frame or a list in it is larger than the limit.' },
  EACCES: { http: 403, meaning: 'The capability for this is missing, or the file may not be used this way.' },
  EADDRINUSE: { http: 409, meaning: 'Another program listens on this address.' },
  EAGAIN: { http: 503, meaning: 'A limit is reached for now; the same request may succeed later.' },
  EBUSY: { http: 409, meaning: 'Something else uses this now.' },
  ECANCELED: { http: 499, meaning: 'The caller took the request back.' },
  ECONNREFUSED: { http: 502, meaning: 'The object is there, and nobody listens on this port of it.' },
  ECONNRESET: { http: 502, meaning: 'The connection ended before the answer came.' },
  EEXIST: { http: 409, meaning: 'This exists already.' },
  EHOSTDOWN: { http: 502, meaning: 'The node is known, and it does not answer.' },
  EHOSTUNREACH: { http: 502, meaning: 'No way to this node is known.' },
  EINVAL: { http: 400, meaning: 'An argument is not what the call takes.' },
  EIO: { http: 500, meaning: 'The disk failed, or holds something else than what was written.' },
  ENOENT: { http: 404, meaning: 'There is nothing by this name or id.' },
  ENOEXEC: { http: 422, meaning: 'The program is not something this driver can run.' },
  ENOSPC: { http: 507, meaning: 'The disk is full.' },
  ENOSYS: { http: 501, meaning: 'This node does not know the call, or its driver cannot do it.' },
  EPERM: { http: 403, meaning: 'This is not allowed to anybody here.' },
  EPIPE: { http: 409, meaning: 'The other end reads no more.' },
  EPROTO: { http: 400, meaning: 'The other end broke the protocol.' },
  ESRCH: { http: 410, meaning: 'The object has ended.' },
  ESTALE: { http: 409, meaning: 'The object has moved, or the data belong to another node or version.' },
  ETIMEDOUT: { http: 504, meaning: 'The deadline passed before the answer came.' },
  EFAULT: { http: 500, meaning: 'The node made a mistake; its log has the story.' }
} as const satisfies Record<string, { http: number, meaning: string }>

export type ErrorCode = keyof typeof ERRORS

/** Plain values that travel with an error. */
export type ErrorFields = Record<string, string | number | boolean | null | string[]>

/** How an error crosses a wire. */
export interface ErrorRecord { code: ErrorCode, message: string, fields?: ErrorFields | undefined }

/** A fault of the world. Match on `code`; the message says what happened and what to do next. */
export class CloudError extends Error {
  override readonly name = 'CloudError'
  readonly code: ErrorCode
  readonly fields: ErrorFields

  constructor (code: ErrorCode, message: string, options: { fields?: ErrorFields, cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.fields = options.fields ?? {}
  }

  /** The error as it crosses a wire; the cause stays at home. */
  toJSON (): ErrorRecord {
    const { code, message, fields } = this
    return Object.keys(fields).length === 0 ? { code, message } : { code, message, fields }
  }
}

export function isErrorCode (value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(ERRORS, value)
}

/** Whether `error` is a fault of the world, and (where codes are given) one of these. */
export function isCloudError<Code extends ErrorCode = ErrorCode> (
  error: unknown, ...codes: Code[]
): error is CloudError & { code: Code } {
  return error instanceof CloudError && (codes.length === 0 || codes.includes(error.code as Code))
}

/** For what is tried and may fail, and is told of elsewhere: a bug is thrown all the same. */
export function ignoreFault (error: unknown): void {
  if (!isCloudError(error)) throw error
}

/** Rebuilds an error that crossed a wire. What is not well formed becomes EPROTO, never an exception. */
export function reviveError (value: unknown): CloudError {
  const { code, message, fields } = (typeof value === 'object' && value !== null ? value : {}) as Partial<ErrorRecord>
  if (!isErrorCode(code) || typeof message !== 'string') {
    return new CloudError(
      'EPROTO', 'The other end sent an error that cannot be read; check that both run the same version.'
    )
  }
  return new CloudError(code, message, typeof fields === 'object' && fields !== null ? { fields } : {})
}

/** What the other end may know of any thrown value: a CloudError as it is, a bug only as EFAULT. */
export function toErrorRecord (error: unknown): ErrorRecord {
  if (error instanceof CloudError) return error.toJSON()
  return { code: 'EFAULT', message: 'The node made a mistake while it answered; its log has the story.' }
}
