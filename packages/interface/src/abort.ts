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

/** Who is told of each signal: it has one listener for all, since a call may wait for the answers of many nodes. */
const audiences = new WeakMap<AbortSignal, Set<() => void>>()

/** Calls `listener` once when `signal` is aborted, at once where it is already; the returned function takes it off. */
export function onAbort (signal: AbortSignal | undefined, listener: (reason: CloudError) => void): Cancel {
  if (signal === undefined) return () => {}
  const told = (): void => listener(abortReason(signal))
  if (signal.aborted) {
    told()
    return () => {}
  }
  const audience = audiences.get(signal) ?? new Set()
  if (audience.size === 0) {
    audiences.set(signal, audience)
    signal.addEventListener('abort', tellAll, { once: true })
  }
  audience.add(told)
  return () => {
    if (!audience.delete(told) || audience.size > 0) return
    // A signal that nobody listens to can go, with what it was made of.
    signal.removeEventListener('abort', tellAll)
  }
}

function tellAll ({ currentTarget }: Event): void {
  const audience = audiences.get(currentTarget as AbortSignal)
  for (const told of audience ?? []) {
    if (audience?.delete(told) === true) told()
  }
}
