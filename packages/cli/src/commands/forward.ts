import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import type { Command } from 'commander'
import { joinStreams } from '@welkin/async'
import { CloudError, isCloudError, toErrorRecord, type ByteStream } from '@welkin/interface'
import { socketStream } from '@welkin/platform-node/socket-stream'
import { dial } from '@welkin/syscalls'
import type { Connection } from '@welkin/syscalls/connect'
import { Interruption } from '../interruption.ts'
import { note, print, printJson } from '../print/output.ts'
import { act, addCloudCommand, inCloud, type CommonOptions } from './command.ts'
import { wholeNumber } from './values.ts'

/** Until somebody is there; it may be on its way elsewhere. */
const PATIENCE_MS = 30_000

export function addForward (program: Command): void {
  addCloudCommand(program, 'forward',
    'Bring what has a name to a port of this machine. Each connection is dialled by itself, and so finds the name ' +
    'where it is then; it goes on until Ctrl-C.',
    'welkin forward 8080 web.alice.acme:http', 'welkin forward 0 db.acme:postgresql --resumable')
    .argument('<port>', 'on 127.0.0.1; 0: any free one, which is printed', wholeNumber(0, 65_535))
    .argument('<target>', 'NAME:PORT, by the port\'s name, its number or that of the service')
    .option('--resumable', 'mend connections that break between the nodes')
    .action(act<ForwardOptions, [number, string]>(async (options, port, target) => {
      await inCloud(options, async cloud => await forward(cloud, options, port, target))
    }))
}

interface ForwardOptions extends CommonOptions { resumable?: boolean }

async function forward (cloud: Connection, options: ForwardOptions, port: number, target: string): Promise<void> {
  using interruption = new Interruption()
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true, noDelay: true }, socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    void serve(cloud, options, target, socketStream(socket))
  })
  const given = await listening(server, port)
  if (options.json) await printJson({ listening: { host: '127.0.0.1', port: given }, target })
  else await print(`127.0.0.1:${given} is ${target}\n`)
  try {
    const lost = await Promise.race([interruption.wait(), cloud.closed])
    if (lost instanceof CloudError) throw lost
  } finally {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
}

/** One connection, to wherever the name is now. */
async function serve (
  cloud: Connection, { json, resumable }: ForwardOptions, target: string, client: ByteStream
): Promise<void> {
  try {
    const onward = await dial(cloud, target, { patienceMs: PATIENCE_MS, resumable })
    await joinStreams(client, onward)
  } catch (error) {
    if (!isCloudError(error)) throw error
    client.fail(error)
    if (isCloudError(error, 'EPIPE', 'ECONNRESET', 'ECANCELED')) return // either end broke off, as programs do
    if (json) await printJson({ error: toErrorRecord(error) })
    else note(`welkin: ${error.message} (${error.code})`)
  }
}

async function listening (server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return (server.address() as AddressInfo).port
}
