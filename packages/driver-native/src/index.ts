/** Native processes as tasks: they are the children of a shepherd that outlives the daemon. */
import type { Driver } from '@welkin/interface'
import { NativeDriver } from './native-driver.ts'
import type { NativeDriverOptions } from './options.ts'

export { endShepherd } from './end-shepherd.ts'
export type { NativeDriverOptions } from './options.ts'

/**
 * A driver whose tasks, output and exit statuses outlive the daemon; one driver at a time per directory.
 *
 * Of usage it tells, where there is a /proc, what is so at the moment of asking; in the end CPU time to a hundredth of
 * a second, and memory and I/O as of the last look, which was up to 2 s before, or longer where much runs. A task with
 * limits has cgroups, which know its CPU time and memory to the end, further programs beside it included.
 */
export function createNativeDriver (options: NativeDriverOptions): Driver {
  return new NativeDriver(options)
}
