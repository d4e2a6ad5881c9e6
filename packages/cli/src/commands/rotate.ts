import { rename } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { CloudError } from '@welkin/interface'
import { endTasks, liveDaemon, startDaemon, stopDaemon, welkinHome } from '@welkin/local-cloud'
import { connect } from '@welkin/syscalls/connect'
import { note, print, printJson } from '../print/output.ts'
import { act, addCommand, type CommonOptions } from './command.ts'

interface RotateOptions extends CommonOptions {
  data?: string
  force?: boolean
}

export function addRotate (node: Command): void {
  addCommand(node, 'rotate',
    'Give this machine\'s node another key, with the same rights; the old key is taken back. Whoever has invited it ' +
    'must be up. It begins anew: blobs and ended objects stay behind, in a directory beside its own.',
    'welkin node rotate')
    .option('--data <dir>', 'the directory of its daemon (default: $WELKIN_HOME/node)')
    .option('--force', 'end the objects that run on it')
    .action(act<RotateOptions, []>(rotate))
}

async function rotate ({ data, force = false, json }: RotateOptions): Promise<void> {
  const dataDir = data === undefined ? welkinHome().node : resolve(data)
  const before = await liveDaemon(dataDir)
  if (before === undefined) {
    throw new CloudError('ESRCH', `No daemon runs over ${dataDir}; start it by "welkin up", so that it can ask.`)
  }
  const { syscalls, close } = await connect({ socket: before.socket, token: null })
  const ask = async (): Promise<string> => {
    const { ticket } = await syscalls.rotate({})
    await syscalls.leave({ force })
    return ticket
  }
  const ticket = await ask().finally(close)
  await stopDaemon(dataDir)
  if (force) await endTasks(dataDir)
  const behind = `${dataDir}.${before.id.slice(-8)}`
  await rename(dataDir, behind)
  const { name, zone, addresses, http, dns, proxy } = before
  const listen = addresses.map(address => address.replace(/\/p2p\/\w+$/, ''))
  const { info, process: daemon } = await startDaemon(
    {
      dataDir, name, zone, listen, ticket,
      dns: dns ?? false, http: http === null ? false : Number(new URL(http).port),
      proxy: proxy === null ? false : Number(proxy.split(':')[1])
    },
    { logPath: `${dataDir}.log` })
  daemon.unref()
  if (json) return await printJson({ before: before.id, ...info })
  await print(`${name} is ${info.id} now.\n`)
  note(`What it had as ${before.id} is in ${behind}; remove that when you miss nothing.`)
}
