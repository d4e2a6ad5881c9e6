import type { ChildProcessByStdio } from 'node:child_process'
import type { Readable } from 'node:stream'

export interface Outcome { status: number | null, output: string }

/** What a process has written, to either stream, and its status. */
export async function outcomeOf (child: ChildProcessByStdio<null, Readable, Readable>): Promise<Outcome> {
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (part: Buffer) => { output += part.toString() })
  }
  return await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', status => { resolve({ status, output }) })
  })
}
