import { constants, openSync, writeSync } from 'node:fs'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { CloudError } from '@welkin/interface'
import { onCheckpoint } from './cooperate.ts'

/**
 * Speaks with the node for a program in sh (`clients/welkin.sh`): asks it by SIGUSR1, hears by one named pipe that its
 * state is written, and tells it by another that it may go on. Ends with the program, whose process group it is of.
 */
async function help (shell: number, directory: string): Promise<void> {
  const { O_NONBLOCK, O_RDWR } = constants
  // Both ends of each, so that the shell never waits for somebody to open the other.
  const [done, go] = [openSync(join(directory, 'done'), O_RDWR | O_NONBLOCK), openSync(join(directory, 'go'), O_RDWR)]
  const lines = createInterface(new Socket({ fd: done, readable: true, writable: false }))[Symbol.asyncIterator]()
  const cooperation = await onCheckpoint(async () => {
    process.kill(shell, 'SIGUSR1')
    const { value } = await lines.next()
    if (value !== 'ok') throw new CloudError('EFAULT', 'the command that was to print it failed.')
    return { file: join(directory, 'state') }
  }, { resumed: () => { writeSync(go, 'go\n') } })
  const reason = await cooperation.closed
  if (reason !== undefined) process.stderr.write(`welkin.sh: this program cannot be moved: ${reason.message}\n`)
}

const [shell = '', directory = ''] = process.argv.slice(2)
await help(Number(shell), directory)
