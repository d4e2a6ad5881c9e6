import { abortReason, throwIfAborted, type AbortOptions, type Clock } from '@welkin/interface'

/** Resolves after `ms`; rejects at once when aborted. */
export async function sleep (clock: Clock, ms: number, { signal }: AbortOptions = {}): Promise<void> {
  throwIfAborted(signal)
  await new Promise<void>((resolve, reject) => {
    const onAbort = (): void => {
      cancel()
      reject(abortReason(signal as AbortSignal))
    }
    const cancel = clock.after(ms, () => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    })
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}
