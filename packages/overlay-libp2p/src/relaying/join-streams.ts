import type { Stream } from '@libp2p/interface'
import type { Cancel, Clock } from '@welkin/interface'

/** How long an end that does not read may hold up the end of the other. */
const CLOSE_MS = 500

/**
 * Passes on what comes from either stream to the other, until one ends; resolves when both have. `onPassed` is told how
 * many bytes pass, and says for how many milliseconds their sender is to wait.
 */
export async function joinStreams (
  left: Stream, right: Stream, { clock, onPassed }: { clock: Clock, onPassed: (bytes: number) => number }
): Promise<void> {
  await Promise.all([pour(left, right, clock, onPassed), pour(right, left, clock, onPassed)])
}

async function pour (from: Stream, to: Stream, clock: Clock, onPassed: (bytes: number) => number): Promise<void> {
  let cancelWait: Cancel | undefined
  const goOn = (): void => {
    if (cancelWait === undefined && !to.writableNeedsDrain && from.readStatus === 'paused') from.resume()
  }
  const pass = (bytes: { byteLength: number } & Parameters<Stream['send']>[0]): void => {
    if (to.writeStatus !== 'writable') return
    const hasRoom = to.send(bytes)
    const waitMs = onPassed(bytes.byteLength)
    if (waitMs > 0) {
      cancelWait?.()
      cancelWait = clock.after(waitMs, () => {
        cancelWait = undefined
        goOn()
      })
    }
    if ((!hasRoom || waitMs > 0) && from.readStatus === 'readable') from.pause()
  }
  to.addEventListener('drain', goOn)
  from.addEventListener('remoteCloseWrite', () => finish(to))
  await new Promise<void>(resolve => {
    from.addEventListener('close', ({ error }) => {
      cancelWait?.()
      cancelWait = undefined
      if (error === undefined) finish(to)
      else to.abort(error)
      resolve()
    })
    from.addEventListener('message', ({ data }) => pass(data))
    if (from.status !== 'open') {
      to.abort(new Error('The other side is gone.'))
      resolve()
    }
  })
}

function finish (stream: Stream): void {
  stream.close({ signal: AbortSignal.timeout(CLOSE_MS) }).catch((error: Error) => stream.abort(error))
}
