import { CloudError, type Clock, type Logger, type ProgramUpcalls } from '@welkin/interface'
import type { ShepherdOptions } from './protocol.ts'

export interface NativeDriverOptions extends Partial<ShepherdOptions> {
  /** Where everything is kept; exists, and belongs to this driver alone. Its path has at most 93 bytes. */
  directory: string
  clock: Clock
  log: Logger
  /** How programs are asked for their state; left out: none is. */
  upcalls?: ProgramUpcalls | undefined
  /** So long a program has to give its state, milliseconds. @default 10000 */
  answerMs?: number | undefined
  /** What every program finds in its environment. */
  env?: Readonly<Record<string, string>> | undefined
  /** Directories that tasks in sandboxes see though they are not the system's; nobody can write to them. */
  shown?: readonly string[]
  /** What they do not see, though it may be within what is shown. */
  hidden?: readonly string[]
  /** Directories that they see though within what is hidden, such as that of the socket to their daemon. */
  doors?: readonly string[]
  /** Directories on the way to `directory` that are opened for passing where tasks have users of their own. */
  passable?: readonly string[]
}

const MEBIBYTE = 1024 * 1024

const DEFAULTS: Readonly<ShepherdOptions> = { segmentBytes: 8 * MEBIBYTE, segmentsMax: 8, lingerMs: 5000 }

/** What the shepherd is started with. Throws EINVAL for what is not a whole number above 0. */
export function shepherdOptions ({ lingerMs, segmentBytes, segmentsMax }: Partial<ShepherdOptions>): ShepherdOptions {
  const options = {
    segmentBytes: segmentBytes ?? DEFAULTS.segmentBytes,
    segmentsMax: segmentsMax ?? DEFAULTS.segmentsMax,
    lingerMs: lingerMs ?? DEFAULTS.lingerMs
  }
  for (const [name, value] of Object.entries(options)) {
    if (Number.isInteger(value) && value > 0) continue
    throw new CloudError('EINVAL', `The option ${name} is ${value}; give a whole number above 0.`)
  }
  return options
}
