import { CloudError } from '@welkin/interface'
import { makeSuspendable } from '@welkin/suspend'
import { importNames, isSuspending } from '../wasi/imports.ts'
import { limitMemory } from './limit-memory.ts'

export type Points = 'calls' | 'anywhere' | 'none'

/** What is to be run, without what differs from task to task. */
export interface Prepared {
  readonly bytes: Uint8Array
  /** Why it cannot be suspended, where it was to be. */
  readonly reasons: readonly string[]
}

const BYTES_MAX = 64 * 1024 * 1024

/** Makes a module suspendable, or as much so as can be. Throws ENOEXEC for what is no module or too much. */
export function prepare (bytes: Uint8Array, points: Points): Prepared {
  if (bytes.length > BYTES_MAX) {
    throw new CloudError('ENOEXEC', `The module has ${bytes.length} bytes, and ${BYTES_MAX} are allowed.`)
  }
  if (points === 'none') return { bytes, reasons: [] }
  const { module, reasons } = makeSuspendable(bytes, { points, suspendingImports: isSuspending })
  return { bytes: module, reasons }
}

/** The module as it runs, within its memory. Throws ENOEXEC for what this node cannot run. */
export function compile (bytes: Uint8Array, pagesMax: number): WebAssembly.Module {
  if (!WebAssembly.validate(bytes)) {
    throw new CloudError('ENOEXEC', 'This is no valid WebAssembly module, or one that this version of Node cannot run.')
  }
  const module = new WebAssembly.Module(limitMemory(bytes, pagesMax))
  checkFace(module)
  return module
}

/** Everything that it imports is there, and it can be begun. */
function checkFace (module: WebAssembly.Module): void {
  const known = importNames()
  const missing = WebAssembly.Module.imports(module).filter(({ module: from, name, kind }) => {
    return from !== 'suspend' && (kind !== 'function' || !known[from]?.includes(name))
  })
  if (missing.length > 0) {
    const names = missing.slice(0, 5).map(({ module: from, name }) => `${from}.${name}`).join(', ')
    throw new CloudError('ENOEXEC', `The module imports what there is not here: ${names}; build it for WASI preview 1.`)
  }
  if (!WebAssembly.Module.exports(module).some(({ name, kind }) => name === '_start' && kind === 'function')) {
    throw new CloudError('ENOEXEC', 'The module exports no function _start; build it as a command.')
  }
}
