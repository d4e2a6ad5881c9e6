import { once } from 'node:events'
import { resolve } from 'node:path'
import { InvalidArgumentError, type Command } from 'commander'
import { sendSignal, startDaemon, welkinHome } from '@welkin/local-cloud'
import { Interruption } from '../interruption.ts'
import { note, print, printJson } from '../print/output.ts'
import { act, addCommand, type CommonOptions } from './command.ts'
import { collected, money, zone } from './values.ts'

export interface UpOptions extends CommonOptions {
  listen?: string[]
  join?: string[]
  ticket?: string
  zone?: string
  name?: string
  data?: string
  http?: number | false
  dns?: string | false
  proxy?: number | false
  price?: number
  detach?: boolean
}

export function addUp (program: Command): void {
  addNodeOptions(addCommand(program, 'up',
    'Make this machine a node, until Ctrl-C: of the cloud that it has joined before, or of a new one. The programs ' +
    'that it runs outlive its daemon, and the next one over the same directory finds them again.',
    'welkin up --zone acme/lyon/r1', 'welkin up --detach --listen /ip4/0.0.0.0/tcp/4701')
    .option('--join <address>', 'where another node of its cloud is reached now (repeatable)', collected))
    .action(act<UpOptions, []>(up))
}

/** What `up` and `join` have in common. */
export function addNodeOptions (command: Command): Command {
  return command
    .option('--listen <address>', 'where others reach it (repeatable; default: /ip4/127.0.0.1/tcp/0), or off: it ' +
      'listens nowhere, and others reach it through nodes with which it speaks', addressOrOff)
    .option('--zone <zone>', 'where it stands: cloud/site/rack', zone)
    .option('--name <name>', 'what it is called (default: the name of the machine)')
    .option('--data <dir>', 'where it keeps all that it must not forget (default: $WELKIN_HOME/node)')
    .option('--http <port>', 'the port of its HTTP gateway on loopback, or off (default: any free one)', portOrOff)
    .option('--dns <address>', 'where it serves DNS: a port of loopback, IP:PORT, or off (default: any free port)',
      text => text === 'off' ? false : text)
    .option('--proxy <port>', 'the port of its SOCKS and HTTP proxy on loopback, or off (default: any free one)',
      portOrOff)
    .option('--price <money>', 'what a CPU costs here for an hour', money)
    .option('--detach', 'leave it running, and return when it answers')
}

/** Starts the daemon, and stays with it unless it is to be left alone; resolves with the exit status. */
export async function up ({ data, detach, json, ...options }: UpOptions): Promise<number> {
  const dataDir = data === undefined ? welkinHome().node : resolve(data)
  using interruption = new Interruption()
  const { signal } = interruption
  const logPath = `${dataDir}.log`
  const { info, process: daemon } = await startDaemon({ dataDir, ...options }, { signal, logPath })
  const ended = once(daemon, 'exit') as Promise<[code: number | null, killedBy: NodeJS.Signals | null]>
  if (json) await printJson(info)
  else await print(`${info.name} (${info.zone}) is up at ${info.addresses.join(' ') || 'no address of its own'}\n`)
  if (detach) {
    daemon.unref()
    return 0
  }
  if (!json) note(`Its log is ${logPath}. Ctrl-C ends it.`)
  signal.addEventListener('abort', () => { sendSignal(info.pid, 'SIGTERM') }, { once: true })
  const [code, killedBy] = await ended
  if (killedBy !== null) note(`welkin: the daemon was ended by ${killedBy}.`)
  return code ?? 1
}

function addressOrOff (text: string, earlier: string[] = []): string[] {
  if (earlier.length > 0 && [text, ...earlier].includes('off')) {
    throw new InvalidArgumentError('It must be addresses, or off alone.')
  }
  return collected(text, earlier)
}

function portOrOff (text: string): number | false {
  if (text === 'off') return false
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65_535) return port
  throw new InvalidArgumentError('It must be a port, 0 for any free one, or off.')
}
