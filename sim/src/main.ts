import { setMaxListeners } from 'node:events'
import { isCloudError } from '@welkin/interface'
import { readCommand, USAGE, UsageError } from './command/arguments.ts'
import { compare } from './command/compare.ts'
import { list } from './command/list.ts'
import { real } from './command/real.ts'
import { replay } from './command/replay.ts'
import { runOne } from './command/run-one.ts'
import { shrinkOne } from './command/shrink-one.ts'
import { soakMany } from './command/soak-many.ts'

const COMMANDS = { list, run: runOne, replay, real, compare, shrink: shrinkOne, soak: soakMany }

/** What asks a program to end: Ctrl-C, a service manager, a terminal that closes. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** The whole of `welkin-sim`; exits with 0 when all held, 1 when not, 2 for a fault in the arguments. */
export async function main (argv: readonly string[]): Promise<void> {
  setMaxListeners(0) // one deadline may cut short any number of calls
  const interrupt = new AbortController()
  const onInterrupt = (): void => {
    if (interrupt.signal.aborted) process.exit(130)
    interrupt.abort()
  }
  for (const signal of SIGNALS) process.on(signal, onInterrupt)
  try {
    const command = await readCommand(argv)
    if (command.name === 'help') process.stdout.write(`${USAGE}\n`)
    else process.exitCode = await COMMANDS[command.name]({ ...command, signal: interrupt.signal }) ? 0 : 1
  } catch (error) {
    const isParsing = (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') === true
    if (!(error instanceof UsageError) && !isCloudError(error, 'EINVAL') && !isParsing) throw error
    process.stderr.write(`welkin-sim: ${(error as Error).message}\nwelkin-sim help tells how it is used.\n`)
    process.exitCode = 2
  } finally {
    for (const signal of SIGNALS) process.off(signal, onInterrupt)
  }
}
