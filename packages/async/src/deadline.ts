import { CloudError, onAbort, throwIfAborted, type Clock } from '@welkin/interface'

/**
 * Runs `work` until it settles, `timeoutMs` pass (ETIMEDOUT) or `signal` aborts. The work's own signal is aborted in
 * the last two cases, and its outcome is no longer waited for. `what` begins the message, e.g. "blob.get from n3".
 */
export async function withDeadline<T> (
  clock: Clock,
  { timeoutMs, signal, what }: { timeoutMs?: number | undefined, signal?: AbortSignal | undefined, what: string },
  work: (signal: AbortSignal) => Promise<T>
): Promise<T> {
  throwIfAborted(signal)
  const controller = new AbortController()
  const ignoreAbort = onAbort(signal, reason => { controller.abort(reason) })
  const cancel = timeoutMs === undefined ? undefined : clock.after(timeoutMs, () => {
    const message = `${what} took longer than ${Math.round(timeoutMs)} ms; ask again with more time.`
    controller.abort(new CloudError('ETIMEDOUT', message, { fields: { timeoutMs } }))
  })
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort(controller.signal, reject)
  })
  try {
    return await Promise.race([work(controller.signal), aborted])
  } finally {
    cancel?.()
    ignoreAbort()
  }
}
