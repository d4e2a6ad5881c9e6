import type { Writable } from 'node:stream'
import { toJson } from '@welkin/abi'

/** Writes to `stream`; resolves when it has taken all. Rejects with EPIPE when nobody reads any more. */
export async function write (stream: Writable, bytes: string | Uint8Array): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    stream.write(bytes, error => {
      if (error) reject(error)
      else resolve()
    })
  })
}

export async function print (text: string): Promise<void> {
  await write(process.stdout, text)
}

/** One value for programs, on a line of its own. */
export async function printJson (value: unknown): Promise<void> {
  await print(`${JSON.stringify(toJson(value))}\n`)
}

/** A line for people beside the output proper. */
export function note (text: string): void {
  process.stderr.write(`${text}\n`)
}

/** Whether the reader of our output has gone, as `head` does. */
export function isBrokenPipe (error: unknown): boolean {
  // A CloudError EPIPE is about somebody else's pipe.
  const { code, syscall } = error as NodeJS.ErrnoException
  return code === 'EPIPE' && syscall === 'write'
}
