/** Processes starts, supervises and ends this node's objects; their tasks outlive the daemon (paper III.B.3). */
export { createProcesses, type Processes, type ProcessPorts } from './processes.ts'
export { serveProcesses } from './calls.ts'
export { createLocator } from './locator.ts'
export { processesOptions, type ProcessesOptions } from './options.ts'
