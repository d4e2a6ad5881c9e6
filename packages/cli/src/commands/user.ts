import { Option, type Command } from 'commander'
import type { Connection } from '@welkin/syscalls/connect'
import { note, print, printJson } from '../print/output.ts'
import { formatTable } from '../print/table.ts'
import { onOneLine } from '../print/words.ts'
import { password } from '../user/passwords.ts'
import { actInCloud, addCloudCommand, type CommonOptions } from './command.ts'
import { longSpan } from './values.ts'

interface AddOptions extends CommonOptions {
  role: 'admin' | 'user' | 'guest'
  ttl?: number
}

export function addUser (program: Command): void {
  const user = program.command('user').description('Who may log in, at any node of the cloud.')
  addCloudCommand(user, 'add', 'Make a user, whose key opens to a password at every node.',
    'welkin user add alice', 'welkin user add bob --role guest --ttl 90d')
    .argument('<name>', 'letters, digits and -')
    .addOption(new Option('--role <role>', 'what the user may do').choices(['admin', 'user', 'guest']).default('user'))
    .option('--ttl <time>', 'how long the user may do anything, e.g. 90d (default: a year)', longSpan)
    .action(actInCloud<AddOptions, [string]>(add))
  addCloudCommand(user, 'ls', 'List the users, with the nodes that keep their keys, locked.', 'welkin user ls')
    .action(actInCloud<object, []>(list))
  addCloudCommand(user, 'rm', 'Take back all that a user has, everywhere and for good, and forget the key.',
    'welkin user rm alice')
    .argument('<name>')
    .action(actInCloud<object, [string]>(async (cloud, { json }, name) => {
      const removed = await cloud.syscalls.user.remove({ name })
      await (json ? printJson(removed) : print(`${removed.name} is removed\n`))
    }))
}

async function add (cloud: Connection, { json, role, ttl }: AddOptions, name: string): Promise<void> {
  const secret = await password(`Password for ${name}`, true)
  const life = ttl === undefined ? {} : { ttlMs: ttl }
  const added = await cloud.syscalls.user.add({ name, password: secret, role, ...life })
  if (json) return await printJson(added)
  await print(`${name} can log in until ${new Date(added.expiresMs).toISOString()}: welkin login ${name}\n`)
  if (added.holders.length < 2) note('One node alone keeps the key so far; as the cloud grows, more will.')
}

async function list (cloud: Connection, { json }: CommonOptions): Promise<void> {
  const { users, silent } = await cloud.syscalls.user.list({})
  if (json) return await printJson({ users, silent })
  await print(formatTable(['NAME', 'UNTIL', 'KEPT AT', 'KEY'], users.map(({ name, expiresMs, holders, key }) => [
    name, expiresMs === undefined ? '-' : new Date(expiresMs).toISOString(), onOneLine(holders.join(', ')), key
  ])))
  if (silent.length > 0) note(`No answer from ${onOneLine(silent.join(', '))}.`)
}
