import { onAbort, throwIfAborted, type AbortOptions, type Clock } from '@welkin/interface'

/** Resolves after `ms`; rejects at once when aborted. */
export async function sleep (clock: Clock, ms: number, { signal }: AbortOptions = {}): Promise<void> {
  throwIfAborted(signal)
  await new Promise<void>((resolve, reject) => {
    const cancel = clock.after(ms, () => {
      ignoreAbort()
      resolve()
    })
    const ignoreAbort = onAbort(signal, reason => {
      cancel()
      reject(reason)
    })
  })
}
