import type { Cancel } from './ports/clock.ts'
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

/** Calls `listener` once when `signal` is aborted, at once where it is already; the returned function takes it off. */
export function onAbort (signal: AbortSignal | undefined, listener: (reason: CloudError) => void): Cancel {
  if (signal === undefined) return () => {}
  const told = (): void => listener(abortReason(signal))
  if (signal.aborted) {
    told()
    return () => {}
  }
  signal.addEventListener('abort', told, { once: true })
  return () => signal.removeEventListener('abort', told)
}
