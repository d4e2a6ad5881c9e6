/** WebAssembly programs as tasks: they can be taken up wherever they are, and go on elsewhere. */
import type { Driver } from '@welkin/interface'
import type { WasmDriverOptions } from './options.ts'
import { WasmDriver } from './wasm-driver.ts'

export type { ProgramConversations, WasmDriverOptions } from './options.ts'
export type { SystemCall } from './wasi/outside.ts'

/**
 * A driver of programs for WASI preview 1, which end with the daemon; one driver at a time per directory. Of usage it
 * tells CPU time where there is a /proc, and what memory and files take when somebody looks.
 */
export function createWasmDriver (options: WasmDriverOptions): Driver {
  return new WasmDriver(options)
}
