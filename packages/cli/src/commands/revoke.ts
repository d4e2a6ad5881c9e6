import type { Command } from 'commander'
import type { Connection } from '@welkin/syscalls/connect'
import { print, printJson } from '../print/output.ts'
import { actInCloud, addCloudCommand, type CommonOptions } from './command.ts'

export function addRevoke (program: Command): void {
  addRevocation(program, 'welkin revoke n5', 'welkin revoke 3f0c…')
}

export function addRevocation (parent: Command, ...examples: string[]): void {
  addCloudCommand(parent, 'revoke',
    'Take back what was given: a grant by its id, or all that a node or a principal has and has handed on. All nodes ' +
    'that can be reached know within seconds, the others as soon as they can be.',
    ...examples)
    .argument('<what>', 'what "welkin grant" has named, a node, or a principal by its key')
    .action(actInCloud<CommonOptions, [string]>(revoke))
}

async function revoke (cloud: Connection, { json }: CommonOptions, what: string): Promise<void> {
  const reply = await cloud.syscalls.revoke({ target: what })
  if (json) await printJson(reply)
  else await print(`${reply.target} has nothing any more.\n`)
}
