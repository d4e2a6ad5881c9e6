/** The daemon on a real machine, for whoever starts one. */
import { fileURLToPath } from 'node:url'

export { runDaemon, type DaemonOptions, type RunningDaemon } from './daemon.ts'
export type { NodeFile } from './node-file.ts'
export { runOutside, type OutsideOptions, type RunningOutside } from './outside-daemon.ts'

/** The program `welkind`, to be run by Node. */
export const WELKIND = fileURLToPath(new URL('../../bin/welkind.js', import.meta.url))
