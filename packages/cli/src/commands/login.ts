import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { ReplyOf } from '@welkin/abi'
import { CloudError } from '@welkin/interface'
import { liveDaemon, startOutside, stopDaemon, welkinHome } from '@welkin/local-cloud'
import { connect, type Connection } from '@welkin/syscalls/connect'
import { Interruption } from '../interruption.ts'
import { print, printJson } from '../print/output.ts'
import { password } from '../user/passwords.ts'
import { act, addCloudCommand, inCloud, type CommonOptions } from './command.ts'
import { collected, longSpan } from './values.ts'

interface LoginOptions extends CommonOptions { for?: number, at?: string[], data?: string }

export function addLogin (program: Command): void {
  addCloudCommand(program, 'login',
    'Unlock a user\'s key at the asked node. What is asked there is asked in the user\'s name from then on. With ' +
    '--at this machine need not be a node: the key stays with a daemon of its own here until "welkin logout".',
    'welkin login alice', 'welkin login root --for 10m', 'welkin login alice --at /ip4/192.0.2.1/tcp/4701/p2p/ID')
    .argument('<name>', 'a user, or root for the cloud\'s own key')
    .option('--for <time>', 'when the key is forgotten (default: 12h)', longSpan)
    .option('--at <address>', 'where a node of the cloud is reached (repeatable: the first that answers)', collected)
    .option('--data <dir>', 'with --at: where the daemon\'s socket is meanwhile (default: $WELKIN_HOME/outside)')
    .action(act<LoginOptions, [string]>(async (options, name) => {
      const { at, json, for: forMs, data } = options
      const secret = await password(`Password of ${name}`)
      const login = async ({ syscalls }: Connection): Promise<ReplyOf<'login'>> =>
        await syscalls.login({ name, password: secret, ...forMs === undefined ? {} : { forMs } })
      const session = at === undefined
        ? await inCloud(options, login)
        : await loginOutside(data === undefined ? welkinHome().outside : resolve(data), at, login)
      if (json) return await printJson(session)
      await print(`logged in as ${name} until ${new Date(session.untilMs).toISOString()}\n`)
    }))
}

/** Leaves a daemon behind that answers for the user, unless the login fails. */
async function loginOutside<T> (
  dataDir: string, at: readonly string[], login: (cloud: Connection) => Promise<T>
): Promise<T> {
  if (await liveDaemon(dataDir) !== undefined) {
    throw new CloudError('EBUSY', `Somebody is logged in over ${dataDir}: "welkin logout --cloud ${dataDir}" first, ` +
      'or name another place by --data.')
  }
  using interruption = new Interruption()
  const { signal } = interruption
  const { info, process: daemon } = await startOutside({ dataDir, at }, { signal, logPath: `${dataDir}.log` })
  daemon.unref()
  try {
    const cloud = await connect({ socket: info.socket })
    try {
      return await login(cloud)
    } finally {
      cloud.close()
    }
  } catch (error) {
    await stopDaemon(dataDir)
    throw error
  }
}
