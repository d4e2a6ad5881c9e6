import { onAbort, type OutputChunk, type OutputPosition, type TaskOutput } from '@welkin/interface'

const READ_BYTES_MAX = 256 * 1024

export interface FollowOptions {
  from: OutputPosition
  /** Whether to wait for more until `hasEnded`. */
  follow: boolean
  hasEnded: () => boolean
  /** Calls back when `hasEnded` may have changed. */
  onChange: (listener: () => void) => () => void
  signal: AbortSignal
}

/** What stands in an object's output from `from` on, in order, and what comes. Ends without error when aborted. */
export async function * followOutput (
  output: TaskOutput, { from, follow, hasEnded, onChange, signal }: FollowOptions
): AsyncGenerator<OutputChunk> {
  const position = { ...from }
  let changed = false
  let wake: (() => void) | undefined
  const onNews = (): void => {
    changed = true
    wake?.()
  }
  const cancels = [onAbort(signal, onNews), ...follow ? [output.watch(onNews), onChange(onNews)] : []]
  try {
    while (!signal.aborted) {
      const ended = hasEnded()
      changed = false
      const chunks = await output.read(position, READ_BYTES_MAX)
      for (const chunk of chunks) {
        position[chunk.stream] = chunk.offset + chunk.bytes.byteLength
        yield chunk
      }
      if (chunks.length > 0) continue
      if (!follow || ended) return
      if (!changed) await new Promise<void>(resolve => { wake = resolve })
      wake = undefined
    }
  } finally {
    for (const cancel of cancels) cancel()
  }
}
