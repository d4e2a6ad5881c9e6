/** What runs in a worker: one program, from its beginning or from where it stopped, to its end. */
import { parentPort, workerData, type MessagePort } from 'node:worker_threads'
import { isCloudError } from '@welkin/interface/errors'
import { ProgramEnd } from '../wasi/outside.ts'
import { WasiFault } from '../wasi/errno.ts'
import { MachineOutside } from './machine-outside.ts'
import { Program } from './program.ts'
import type { ProgramExit, WorkerStart } from './protocol.ts'

const start = workerData as WorkerStart
const outside = new MachineOutside(start.control, parentPort as MessagePort, {
  fileBytesAll: start.limits.fileBytesAll, suspendable: start.points !== 'none'
})

try {
  const program = new Program(start, outside)
  const end = endOf(program)
  if (end.kind === 'exited') closeConversations(program)
  keepFiles(program)
  outside.flush()
  outside.tell({ kind: 'ended', end, cpuNs: outside.cpuNs() })
} catch (error) {
  outside.tell({ kind: 'failed', message: messageOf(error), code: isCloudError(error) ? error.code : undefined })
}

function endOf (program: Program): ProgramExit {
  try {
    program.run()
    return { kind: 'exited', code: 0 }
  } catch (error) {
    if (error instanceof ProgramEnd) {
      const { end } = error
      return 'code' in end ? { kind: 'exited', code: end.code } : { kind: 'signaled', signal: end.signal }
    }
    if (!isTrap(error)) throw error
    complain(`wasm trap: ${messageOf(error)}`)
    return { kind: 'signaled', signal: 'SIGABRT', trap: true }
  }
}

/** What the program itself is to blame for; the engine says that it has no stack left by a RangeError. */
function isTrap (error: unknown): boolean {
  if (error instanceof WebAssembly.RuntimeError) return true
  if (error instanceof RangeError && error.message.includes('call stack')) return true
  return !(error instanceof Error) // thrown by the module itself
}

function closeConversations (program: Program): void {
  try {
    program.closeConversations()
  } catch (error) {
    if (!(error instanceof ProgramEnd)) throw error // it is to end at once
  }
}

function keepFiles (program: Program): void {
  try {
    program.storeFiles()
  } catch (error) {
    complain(`welkin: the files could not be kept: ${messageOf(error)}`)
  }
}

function complain (text: string): void {
  outside.write('stderr', new TextEncoder().encode(`${text}\n`))
}

function messageOf (error: unknown): string {
  if (error instanceof WasiFault) return `the object's files have no room (${error.errno})`
  if (isCloudError(error) || error instanceof Error) return error.message
  return 'an exception that nobody caught'
}
