import type { Command } from 'commander'
import type { Connection } from '@welkin/syscalls/connect'
import { fact, formatFacts } from '../print/facts.ts'
import { print, printJson } from '../print/output.ts'
import { actInCloud, addCloudCommand, type CommonOptions } from './command.ts'
import { tellGrant } from './grants.ts'

export function addWhoami (program: Command): void {
  addCloudCommand(program, 'whoami', 'Say who you are to the cloud, and what you may do.', 'welkin whoami')
    .action(actInCloud<CommonOptions, []>(whoami))
}

async function whoami (cloud: Connection, { json }: CommonOptions): Promise<void> {
  const reply = await cloud.syscalls.whoami({})
  if (json) return await printJson(reply)
  const { principal, user, key, cloud: root, grants = [], expiresMs, nodeName, zone } = reply
  await print(formatFacts([
    ['you are', user ?? (principal === 'owner' ? `the owner of ${nodeName}` : principal)],
    ...fact('your key', key),
    ...grants.map((grant, at): [string, string] => [at === 0 ? 'you may' : '', tellGrant(grant)]),
    ...fact('until', expiresMs === undefined ? undefined : new Date(expiresMs).toISOString()),
    ['answered by', `${nodeName} (${zone})`],
    ['cloud', root ?? 'open to everybody']
  ]))
}
