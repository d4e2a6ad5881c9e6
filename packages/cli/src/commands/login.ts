import type { Command } from 'commander'
import { print, printJson } from '../print/output.ts'
import { password } from '../user/passwords.ts'
import { actInCloud, addCloudCommand, type CommonOptions } from './command.ts'
import { longSpan } from './values.ts'

interface LoginOptions extends CommonOptions { for?: number }

export function addLogin (program: Command): void {
  addCloudCommand(program, 'login',
    'Unlock a user\'s key at the asked node. What is asked there is asked in the user\'s name from then on.',
    'welkin login alice', 'welkin login root --for 10m')
    .argument('<name>', 'a user, or root for the cloud\'s own key')
    .option('--for <time>', 'when the key is forgotten (default: 12h)', longSpan)
    .action(actInCloud<LoginOptions, [string]>(async (cloud, { json, for: forMs }, name) => {
      const secret = await password(`Password of ${name}`)
      const patience = forMs === undefined ? {} : { forMs }
      const session = await cloud.syscalls.login({ name, password: secret, ...patience })
      if (json) return await printJson(session)
      await print(`logged in as ${name} until ${new Date(session.untilMs).toISOString()}\n`)
    }))
}
