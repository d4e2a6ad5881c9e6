/** What can go wrong: each kind of fault acts on machines, clocks, disks, links or minds, and can be undone. */
import { clockDrift, clockStep } from './of-clocks.ts'
import { diskCorrupt, diskFull, diskSlow } from './of-disks.ts'
import { degrade, partition, swizzleClog, switchOff } from './of-links.ts'
import { busy, crash, flap, pause, powerCut, rollingRestart } from './of-machines.ts'
import { lie } from './of-minds.ts'
import type { FaultKind } from './fault.ts'

/** All that can go wrong, by the names that scenarios use. */
export const FAULT_KINDS = {
  'power-cut': powerCut,
  crash,
  pause,
  flap,
  'rolling-restart': rollingRestart,
  busy,
  partition,
  'switch-off': switchOff,
  degrade,
  'swizzle-clog': swizzleClog,
  'clock-step': clockStep,
  'clock-drift': clockDrift,
  'disk-full': diskFull,
  'disk-slow': diskSlow,
  'disk-corrupt': diskCorrupt,
  lie
} satisfies Record<string, FaultKind>

export type FaultName = keyof typeof FAULT_KINDS

export const FAULT_NAMES = Object.keys(FAULT_KINDS) as FaultName[]

/** What a swarm tries unless it is told what: all that befalls honest nodes. */
export const SWARM_NAMES = FAULT_NAMES.filter(name => name !== 'lie')
