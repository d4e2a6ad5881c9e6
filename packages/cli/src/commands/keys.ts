import type { Command } from 'commander'
import type { Connection } from '@welkin/syscalls/connect'
import { formatFacts, type Fact } from '../print/facts.ts'
import { print, printJson } from '../print/output.ts'
import { actInCloud, addCloudCommand, type CommonOptions } from './command.ts'

export function addKeys (program: Command): void {
  addCloudCommand(program, 'keys', 'Say whose keys this node holds, and what was revoked.', 'welkin keys')
    .action(actInCloud<CommonOptions, []>(keys))
}

async function keys (cloud: Connection, { json }: CommonOptions): Promise<void> {
  const reply = await cloud.syscalls.keys({})
  if (json) return await printJson(reply)
  const { node, root, user, revoked } = reply
  await print(formatFacts([
    ['node', node],
    ['cloud', `${root.key}${root.here ? ', whose secret lies here' : ''}`],
    ...user === undefined ? [] : [['user', `${user.name} ${user.key}, until ${timeOf(user.untilMs)}`] satisfies Fact],
    ...revoked.map(({ target, by }): Fact => ['revoked', `${target} by ${by}`])
  ]))
}

function timeOf (ms: number): string {
  return new Date(ms).toISOString()
}
