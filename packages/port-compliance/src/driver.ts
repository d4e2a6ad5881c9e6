import type { Driver } from '@welkin/interface'
import { captureFacts } from './driver-captures.ts'
import { lifeFacts } from './driver-lives.ts'
import { outputFacts } from './driver-output.ts'
import { runFacts } from './driver-runs.ts'
import { usageFacts } from './driver-usage.ts'
import { factsIn, type Setup } from './world.ts'

/** What to run, as the driver under test puts it. */
export interface Programs {
  /** Ends at once with this status. */
  exits: (code: number) => readonly string[]
  /** Writes this to standard output, then ends with 0. */
  prints: (text: string) => readonly string[]
  /** Writes this to standard error, then ends with 0. */
  complains: (text: string) => readonly string[]
  /** Writes this to a file in its directory, then ends with 0. */
  writesFile: (path: string, text: string) => readonly string[]
  /** Writes the content of a file of its directory to standard output, then ends with 0. */
  printsFile: (path: string) => readonly string[]
  /** Writes the value of an environment variable to standard output, then ends with 0. */
  printsVariable: (name: string) => readonly string[]
  /** Runs until it is ended; SIGTERM ends it. */
  sleeps: readonly string[]
  /** Writes `ready` to standard output, then runs until it is ended; SIGTERM does not end it. */
  ignoresTerm: readonly string[]
  /** Copies standard input to standard output until the input ends, then ends with 0. */
  echoesInput: readonly string[]
  /** Uses about one second of CPU time, then ends in some way. */
  usesSecond: readonly string[]
  /** Uses more than 64 MiB of memory. */
  hogsMemory: readonly string[]
  /** Writes 1, 2, 3, … to standard output, a line each, a few a second and without end, and writes to its memory. */
  counts?: readonly string[]
  /** There is no such program. */
  missing: readonly string[]
}

export interface DriverPorts {
  /** Has been started. */
  driver: Driver
  programs: Programs
  /** Lets the daemon's life end and gives the started driver of its next one, over the same state. */
  nextLife: () => Promise<Driver>
  /** The started driver of another machine; left out: there is none at hand, and states go on here again. */
  elsewhere?: () => Promise<Driver>
}

export function driverCompliance (setup: Setup<DriverPorts>): void {
  describe('as a Driver', () => {
    const fact = factsIn(setup)
    describe('that runs tasks', () => runFacts(fact))
    describe('that keeps what tasks write', () => outputFacts(fact))
    describe('that tells what tasks use', () => usageFacts(fact))
    describe('that takes tasks up in one place and has them go on in another', () => captureFacts(fact))
    describe('that outlives the daemon', () => lifeFacts(fact))
  })
}
