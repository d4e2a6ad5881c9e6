import { Option, type Command } from 'commander'
import type { Connection } from '@welkin/syscalls/connect'
import { note, print, printJson } from '../print/output.ts'
import { actInCloud, addCloudCommand, type CommonOptions } from './command.ts'
import { addGiven, givenOf, type GivenOptions } from './grants.ts'
import { longSpan } from './values.ts'

const DAY_MS = 86_400_000

interface GrantOptions extends CommonOptions, GivenOptions {
  to?: string
  for: number
}

export function addGrant (program: Command): void {
  addGiven(addCloudCommand(program, 'grant',
    'Hand on some of what you may do. Without --to, what is printed works for whoever has it, as a bearer token of ' +
    'the HTTP gateway of any node.',
    'welkin grant --role guest --for 1d', 'welkin grant --can "processes.kill on name:web*" --to 12D3KooW…'))
    .option('--to <principal>', 'to whom, by its key')
    .addOption(new Option('--for <time>', 'how long').argParser(longSpan).default(DAY_MS, '1d'))
    .action(actInCloud<GrantOptions, []>(grant))
}

async function grant (cloud: Connection, { to, for: ttlMs, json, ...given }: GrantOptions): Promise<void> {
  const reply = await cloud.syscalls.grant({ ttlMs, ...givenOf(given), ...to === undefined ? {} : { to } })
  if (json) return await printJson(reply)
  await print(`${reply.capability ?? reply.chain.join('\n')}\n`)
  note(`Until ${new Date(reply.expiresMs).toISOString()}. "welkin revoke ${reply.id}" takes it back.`)
}
