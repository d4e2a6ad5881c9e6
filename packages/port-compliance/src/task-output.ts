import type { OutputStream, TaskOutput } from '@welkin/interface'

const BYTES_MAX = 16 * 1024 * 1024

/** All that stands in one stream now. */
export async function wholeOutput (output: TaskOutput, stream: OutputStream = 'stdout'): Promise<string> {
  const chunks = await output.read({ stdout: 0, stderr: 0 }, BYTES_MAX)
  return Buffer.concat(chunks.filter(chunk => chunk.stream === stream).map(({ bytes }) => bytes)).toString()
}

/** Resolves to the standard output, as `read` gives it, as soon as it is so. */
export async function untilOutput (
  output: TaskOutput, isSo: (text: string) => boolean, read: (output: TaskOutput) => Promise<string> = wholeOutput
): Promise<string> {
  let changed = (): void => {}
  const cancel = output.watch(() => changed())
  try {
    for (;;) {
      const change = new Promise<void>(resolve => { changed = resolve })
      const text = await read(output)
      if (isSo(text)) return text
      await change
    }
  } finally {
    cancel()
  }
}
