/** The ports of a virtual machine in virtual time: a run is a pure function of its scenario and its seed. */
export { Timeline, type TimelineOptions } from './timeline.ts'
export { Life, type Death } from './life.ts'
export { Quartz, createVirtualClock } from './clock.ts'
export { createVirtualRandom } from './random.ts'
export { KeyAuthority } from './keys.ts'
export { streamPair } from './stream-pair.ts'
export { VirtualPrograms, type VirtualProgram } from './programs.ts'
export { createVirtualPasswords } from './passwords.ts'
export { Platter, type PlatterOptions } from './platter.ts'
export type { LogEntry } from './log.ts'
export { VirtualMetrics } from './metrics.ts'
export {
  EPOCH_MS, VirtualMachine, type BackgroundLoad, type VirtualMachineOptions, type VirtualPorts
} from './machine.ts'
