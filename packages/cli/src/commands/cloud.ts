import type { Command } from 'commander'
import { print, printJson } from '../print/output.ts'
import { password } from '../user/passwords.ts'
import { actInCloud, addCloudCommand } from './command.ts'

export function addCloud (program: Command): void {
  const cloud = program.command('cloud').description('The cloud itself.')
  addCloudCommand(cloud, 'lock',
    'Put the cloud\'s root key, which lies on the asked node, under a password. The node forgets it; "welkin login ' +
    'root" brings it back, at any node.', 'welkin cloud lock')
    .action(actInCloud<object, []>(async (connection, { json }) => {
      const secret = await password('Password of the cloud\'s root', true)
      const locked = await connection.syscalls.cloud.lock({ password: secret })
      if (json) return await printJson(locked)
      const count = locked.holders.length
      await print(`the root's key is locked, and kept by ${count} node${count === 1 ? '' : 's'}\n`)
    }))
}
