import type { InputOf } from '@welkin/abi'
import { CloudError, type OutputChunk, type TaskExit } from '@welkin/interface'
import type { Connection } from '@welkin/syscalls/connect'
import { tryToGoOn } from './try-to-go-on.ts'

export interface FollowOptions {
  /** `start`: all that the object has written; `now`: what it writes from now on. */
  from: 'start' | 'now'
  /** Called with each piece of output, in order for each stream; the next comes when it has resolved. */
  onOutput: (chunk: OutputChunk) => Promise<void>
  /** What goes to the object's standard input. */
  input?: AsyncIterable<InputOf<'attach'>> | undefined
}

/**
 * Passes on what an object writes until it has ended, and says how it did. When the way to its node breaks, or the
 * node's daemon starts anew, it tries for half a minute to go on where it was; not so where there is input, or where
 * it did not begin at the start.
 */
export async function follow (cloud: Connection, id: string, options: FollowOptions): Promise<TaskExit> {
  const { from, onOutput, input } = options
  const position = { stdout: 0, stderr: 0 }
  const read = async (onProgress = (): void => {}): Promise<TaskExit> => {
    const begin = from === 'start' ? position : undefined
    const items = cloud.syscalls.attach({ id, from: begin, input: input !== undefined }, { input })
    for await (const item of items) {
      if (item.kind === 'exit') return item.exit
      onProgress()
      position[item.stream] = item.offset + item.bytes.length
      await onOutput(item)
    }
    throw new CloudError('ECONNRESET', `What ${id} writes came to an end before it did.`)
  }
  return from === 'now' || input !== undefined ? await read() : await tryToGoOn(cloud, read)
}
