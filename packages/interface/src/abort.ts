import { CloudError } from './errors.ts'

/** Every call that waits takes one of these. */
export interface AbortOptions { signal?: AbortSignal | undefined }

/** Why a signal was aborted, as an error of this house. */
export function abortReason (signal: AbortSignal): CloudError {
  const reason: unknown = signal.reason
  if (reason instanceof CloudError) return reason
  return new CloudError('ECANCELED', 'The caller took the request back.', { cause: reason })
}

export function throwIfAborted (signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw abortReason(signal)
}
