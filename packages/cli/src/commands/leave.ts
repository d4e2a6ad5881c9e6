import { resolve } from 'node:path'
import type { Command } from 'commander'
import { CloudError } from '@welkin/interface'
import { endTasks, liveDaemon, stopDaemon, welkinHome } from '@welkin/local-cloud'
import { connect } from '@welkin/syscalls/connect'
import { print, printJson } from '../print/output.ts'
import { act, addCommand, type CommonOptions } from './command.ts'

interface LeaveOptions extends CommonOptions {
  data?: string
  force?: boolean
}

export function addLeave (program: Command): void {
  addCommand(program, 'leave',
    'Take this machine out of its cloud, and stop its daemon. What it has is kept; "welkin join" takes it to another.',
    'welkin leave', 'welkin leave --force')
    .option('--data <dir>', 'the directory of its daemon (default: $WELKIN_HOME/node)')
    .option('--force', 'end the objects that run on it')
    .action(act<LeaveOptions, []>(leave))
}

async function leave ({ data, force = false, json }: LeaveOptions): Promise<void> {
  const dataDir = data === undefined ? welkinHome().node : resolve(data)
  const daemon = await liveDaemon(dataDir)
  if (daemon === undefined) {
    throw new CloudError('ESRCH', `No daemon runs over ${dataDir}; start it by "welkin up", so that it can take leave.`)
  }
  const { syscalls, close } = await connect({ socket: daemon.socket, token: null })
  const { cloud } = await syscalls.leave({ force }).finally(close)
  await stopDaemon(dataDir)
  if (force) await endTasks(dataDir)
  if (json) await printJson({ node: daemon.id, cloud })
  else await print(`${daemon.name} has left the cloud.\n`)
}
