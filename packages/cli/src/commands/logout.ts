import type { Command } from 'commander'
import { print, printJson } from '../print/output.ts'
import { actInCloud, addCloudCommand } from './command.ts'

export function addLogout (program: Command): void {
  addCloudCommand(program, 'logout', 'Forget the user\'s key at the asked node. What was started goes on.',
    'welkin logout')
    .action(actInCloud<object, []>(async (cloud, { json }) => {
      const session = await cloud.syscalls.logout({})
      if (json) return await printJson(session)
      await print(session.name === undefined ? 'nobody had logged in\n' : `${session.name} is logged out\n`)
    }))
}
