import { type Driver, type OutputStream, type TaskFile, type TaskOutput, type TaskSpec } from '@welkin/interface'
import { untilOutput } from './task-output.ts'

export const ID = '0123456789abcdef0123456789abcdef'
export const OTHER_ID = 'fedcba9876543210fedcba9876543210'

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

/** A spec that asks for nothing but to run `argv`. */
export function specOf (argv: readonly string[], rest: Partial<TaskSpec> = {}): TaskSpec {
  return { id: ID, attempt: 0, argv, env: {}, files: [], limits: {}, input: false, ...rest }
}

export function fileOf (path: string, text: string): TaskFile {
  return { path, executable: false, localPath: undefined, async * open () { yield bytesOf(text) } }
}

/** All that stands in one stream now, read a few bytes at a time. */
export async function outputText (output: TaskOutput, stream: OutputStream = 'stdout'): Promise<string> {
  const position = { stdout: 0, stderr: 0 }
  let text = ''
  for (;;) {
    const chunks = await output.read(position, 7)
    if (chunks.length === 0) return text
    for (const chunk of chunks) {
      position[chunk.stream] = chunk.offset + chunk.bytes.byteLength
      if (chunk.stream === stream) text += textOf(chunk.bytes)
    }
  }
}

/** Resolves when `text` stands in standard output. */
export async function outputHas (output: TaskOutput, text: string): Promise<void> {
  await untilOutput(output, written => written.includes(text), outputText)
}

export async function collectText (driver: Driver, path: string): Promise<string> {
  let text = ''
  for await (const piece of driver.collect(ID, path)) text += textOf(piece)
  return text
}

