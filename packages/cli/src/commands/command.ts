import type { Command } from 'commander'
import { CloudError, didYouMean, isCloudError } from '@welkin/interface'
import type { Connection } from '@welkin/syscalls/connect'
import { findCloud } from '../cloud/find.ts'

/** What every command takes. */
export interface CommonOptions {
  json?: boolean
  cloud?: string
}

/** The exit status; undefined: 0. */
type Status = number | undefined | void

const JSON_OPTION = [
  '--json', 'print for programs: one JSON value, or one a line; an error as {"error":{"code","message"}}'
] as const
const CLOUD_OPTION = [
  '--cloud <where>', 'a local cloud by name, a data directory or a socket (default: $WELKIN_SOCKET, else a live node ' +
  'of yours)'
] as const

/** Lets the options that commands have in common stand before the command as well; what stands after it counts. */
export function shareOptions (program: Command): Command {
  return program.option(...JSON_OPTION).option(...CLOUD_OPTION).hook('preAction', (_program, command) => {
    for (const [name, value] of Object.entries(program.opts<CommonOptions>())) {
      const known = command.options.some(option => option.attributeName() === name)
      if (!known) command.error(`error: unknown option '--${name}' of ${command.name()}`)
      if (command.getOptionValue(name) === undefined) command.setOptionValue(name, value)
    }
  })
}

/** A command with what all have: `--json`, examples and a description, whose first sentence stands in the list. */
export function addCommand (parent: Command, name: string, description: string, ...examples: string[]): Command {
  const lines = examples.map(example => `  ${example}`).join('\n')
  return parent.command(name)
    .summary(description.split('. ')[0] ?? description)
    .description(description)
    .option(...JSON_OPTION)
    .addHelpText('after', `\nExample${examples.length === 1 ? '' : 's'}:\n${lines}`)
}

/** A command that asks a cloud. */
export function addCloudCommand (parent: Command, name: string, description: string, ...examples: string[]): Command {
  return addCommand(parent, name, description, ...examples)
    .option(...CLOUD_OPTION)
}

/** A command that asks a cloud about one object. */
export function addObjectCommand (parent: Command, name: string, description: string, ...examples: string[]): Command {
  return addCloudCommand(parent, name, description, ...examples)
    .argument('<id>', 'its id, the beginning of it, or its name')
}

/** The action of a command that needs no cloud. */
export function act<Options extends object, Args extends unknown[]> (
  work: (options: Options & CommonOptions, ...args: Args) => Promise<Status>
): (this: Command) => Promise<void> {
  return async function (this: Command) {
    process.exitCode = await work(this.opts<Options & CommonOptions>(), ...this.processedArgs as Args) ?? 0
  }
}

/** The action of a command that asks a cloud; the connection is closed when the work is done. */
export function actInCloud<Options extends object, Args extends unknown[]> (
  work: (cloud: Connection, options: Options & CommonOptions, ...args: Args) => Promise<Status>
): (this: Command) => Promise<void> {
  return act<Options, Args>(async (options, ...args) => {
    return await inCloud(options, async cloud => await work(cloud, options, ...args))
  })
}

/** Asks the cloud that is meant; the connection is closed when the work is done. */
export async function inCloud<T> (
  { cloud: where }: CommonOptions, work: (cloud: Connection) => Promise<T>
): Promise<T> {
  const cloud = await findCloud(where)
  try {
    return await work(cloud)
  } finally {
    cloud.close()
  }
}

/** What `ask` gives of the object `ref`. Where there is none, the error says which are nearly called so. */
export async function ofObject<T> (cloud: Connection, ref: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    if (!isCloudError(error, 'ENOENT')) throw error
    const { objects } = await cloud.syscalls.list({ ended: true, limit: 1000 })
    const names = objects.map(({ name }) => name).filter(name => name !== undefined)
    throw new CloudError('ENOENT', error.message + didYouMean(ref, names), { fields: error.fields, cause: error })
  }
}
