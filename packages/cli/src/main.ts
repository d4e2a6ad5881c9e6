import { Command, CommanderError } from 'commander'
import { CloudError, isErrorCode, type ErrorRecord } from '@welkin/interface'
import { addAttach } from './commands/attach.ts'
import { addBlob } from './commands/blob.ts'
import { addCall } from './commands/call.ts'
import { addCheckpoint, addRestore } from './commands/checkpoint.ts'
import { addCloud } from './commands/cloud.ts'
import { shareOptions } from './commands/command.ts'
import { addDemo } from './commands/demo.ts'
import { addDrain } from './commands/drain.ts'
import { addDistance } from './commands/distance.ts'
import { addEvents } from './commands/events.ts'
import { addFind } from './commands/find.ts'
import { addGrant } from './commands/grant.ts'
import { addInvite } from './commands/invite.ts'
import { addJoin } from './commands/join.ts'
import { addKeys } from './commands/keys.ts'
import { addKill } from './commands/kill.ts'
import { addLeave } from './commands/leave.ts'
import { addLocal } from './commands/local.ts'
import { addLogin } from './commands/login.ts'
import { addLogout } from './commands/logout.ts'
import { addLogs } from './commands/logs.ts'
import { addMeasure } from './commands/measure.ts'
import { addMv } from './commands/mv.ts'
import { addName } from './commands/name.ts'
import { addNode } from './commands/node.ts'
import { addNodes } from './commands/nodes.ts'
import { addPasswd } from './commands/passwd.ts'
import { addPs } from './commands/ps.ts'
import { addRevoke } from './commands/revoke.ts'
import { addRm } from './commands/rm.ts'
import { addRun } from './commands/run.ts'
import { addSignal } from './commands/signal.ts'
import { addStart } from './commands/start.ts'
import { addStat } from './commands/stat.ts'
import { addTop } from './commands/top.ts'
import { addUp } from './commands/up.ts'
import { addWeb } from './commands/web.ts'
import { addWhoami } from './commands/whoami.ts'
import { UsageError } from './commands/usage-error.ts'
import { addUser } from './commands/user.ts'
import { addVersion } from './commands/version.ts'
import { addWait } from './commands/wait.ts'
import { isBrokenPipe, note, printJson } from './print/output.ts'
import { VERSION } from './version.ts'

const COMMANDS = [
  addStart, addDemo, addLocal, addUp, addJoin, addLeave,
  addRun, addPs, addStat, addKill, addSignal, addWait, addLogs, addAttach, addRm,
  addMv, addCheckpoint, addRestore, addDrain,
  addUser, addLogin, addLogout, addPasswd, addCloud,
  addNodes, addFind, addDistance, addMeasure, addTop, addEvents, addBlob, addName,
  addInvite, addGrant, addRevoke, addNode, addWhoami, addKeys, addWeb, addCall, addVersion
]

/**
 * The `welkin` command. Sets the exit status of this process: 0; 1 where something failed; 2 where the command line
 * cannot be understood; for `run`, `attach` and `wait` that of the program.
 */
export async function run (argv: readonly string[]): Promise<void> {
  // Whoever writes learns of a reader that has gone by its own write; the event says nothing more.
  process.stdout.on('error', rethrowUnlessBrokenPipe)
  process.stderr.on('error', rethrowUnlessBrokenPipe)
  const program = createProgram()
  let forPrograms = mayAskForJson(argv)
  program.hook('preAction', (_program, command) => { forPrograms = command.opts()['json'] === true })
  try {
    await program.parseAsync(argv, { from: 'user' })
  } catch (error) {
    if (!isBrokenPipe(error)) await fail(error, forPrograms)
  }
}

function createProgram (): Command {
  const program = shareOptions(new Command('welkin'))
    .description('Many unreliable machines behave as one computer.')
    .version(VERSION, '-V, --version', 'print the version')
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .addHelpText('after', '\nFor a first look: welkin local up --detach, then welkin run -- hostname')
  for (const add of COMMANDS) add(program)
  return program
}

/** Tells what went wrong: to people on standard error, to programs as JSON on standard output. */
async function fail (error: unknown, forPrograms: boolean): Promise<void> {
  const usage = error instanceof CommanderError
  if (usage && error.exitCode === 0) return
  process.exitCode = usage ? 2 : 1
  if (usage && error.code === 'commander.help') return
  const record = usage ? usageRecord(error) : errorRecord(error)
  if (forPrograms) await printJson({ error: record })
  else note(`welkin: ${formatError(record)}`)
}

/** The code stands behind the first line: below it there may be a text and a caret that points into it. */
function formatError ({ code, message }: ErrorRecord): string {
  const [first, ...others] = message.split('\n')
  return [`${first} (${code})`, ...others].join('\n')
}

function usageRecord (error: CommanderError): ErrorRecord {
  if (error instanceof UsageError) return error.record
  const { message } = error
  return { code: 'EINVAL', message: message.replace(/^error: /, '').replaceAll('\n', ' ') }
}

/** What is neither a CloudError nor a fault of this machine's files or processes is a bug, and shows its trace. */
function errorRecord (error: unknown): ErrorRecord {
  if (error instanceof CloudError) return error.toJSON()
  const { code, message, syscall } = error as NodeJS.ErrnoException
  if (syscall === undefined) throw error
  return { code: isErrorCode(code) ? code : 'EIO', message: `${message}.` }
}

/** Whether `--json` may be ours: all that is known while the command line is not understood. */
function mayAskForJson (argv: readonly string[]): boolean {
  const end = argv.indexOf('--')
  return argv.slice(0, end === -1 ? argv.length : end).includes('--json')
}

function rethrowUnlessBrokenPipe (error: Error): void {
  if (!isBrokenPipe(error)) throw error
}
