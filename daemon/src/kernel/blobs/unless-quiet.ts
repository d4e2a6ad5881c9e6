import { CloudError, onAbort, type AbortOptions, type Cancel, type Clock } from '@welkin/interface'

/**
 * The pieces of `open`, whose signal is aborted with ETIMEDOUT when none comes for `quietMaxMs`, and with `signal`. The
 * time that the reader takes for a piece does not count.
 */
export async function * unlessQuiet (
  clock: Clock, { quietMaxMs, signal, what }: AbortOptions & { quietMaxMs: number, what: string },
  open: (signal: AbortSignal) => AsyncIterable<Uint8Array>
): AsyncGenerator<Uint8Array> {
  const call = new AbortController()
  const cancel = onAbort(signal, reason => call.abort(reason))
  const message = `Nothing came of ${what} for ${quietMaxMs} ms.`
  const listen = (): Cancel => clock.after(quietMaxMs, () => {
    call.abort(new CloudError('ETIMEDOUT', message, { fields: { quietMaxMs } }))
  })
  let cancelTimer = listen()
  try {
    for await (const piece of open(call.signal)) {
      cancelTimer()
      yield piece
      cancelTimer = listen()
    }
  } finally {
    cancelTimer()
    cancel()
  }
}
