import { setMaxListeners } from 'node:events'
import { parseArgs } from 'node:util'
import { CloudError, toErrorRecord, type LogLevel } from '@welkin/interface'
import { runDaemon, type DaemonOptions } from './daemon.ts'
import { runOutside, type OutsideOptions } from './outside-daemon.ts'

const USAGE = `usage: welkind --data DIR [--name N] [--zone CLOUD/SITE/RACK] [--listen MULTIADDR|off]...
               [--join MULTIADDR]... [--http PORT|off] [--proxy PORT|off] [--dns [HOST:]PORT|off]
               [--log-level debug|info|warn|error]
               [--profile local|datacenter|wan] [--price MONEY] [--links FILE]
       welkind --data DIR --at MULTIADDR... [--log-level debug|info|warn|error]

Runs one node until SIGTERM or SIGINT; its tasks run on. A second signal ends it at once. At its first start it makes a
cloud, or joins one by the ticket in WELKIN_TICKET. With --at it is no node: it answers a user's programs through
these members, until the user logs out.
Example: welkind --data ./n1 --zone acme/lyon/r1`

/** The whole of `welkind`: the only place that reads arguments and signals. */
export async function main (argv: readonly string[]): Promise<void> {
  setMaxListeners(0) // one deadline may cut short any number of calls
  let options: DaemonOptions | OutsideOptions
  try {
    options = readOptions(argv)
  } catch (error) {
    process.stderr.write(`welkind: ${(error as Error).message}\n${USAGE}\n`)
    process.exitCode = 2
    return
  }
  try {
    const daemon = 'at' in options ? await runOutside(options) : await runDaemon(options)
    const stop = stopOnSignals(daemon)
    if ('ended' in daemon) void daemon.ended.then(stop)
    tellParent({ ready: daemon.info })
  } catch (error) {
    if (!(error instanceof CloudError)) throw error
    process.stderr.write(`welkind: ${error.message} (${error.code})\n`)
    tellParent({ failed: toErrorRecord(error) })
    process.exitCode = 1
  }
}

function readOptions (argv: readonly string[]): DaemonOptions | OutsideOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      data: { type: 'string' },
      at: { type: 'string', multiple: true },
      name: { type: 'string' },
      zone: { type: 'string' },
      listen: { type: 'string', multiple: true },
      join: { type: 'string', multiple: true },
      http: { type: 'string' },
      proxy: { type: 'string' },
      dns: { type: 'string' },
      'log-level': { type: 'string' },
      profile: { type: 'string' },
      price: { type: 'string' },
      links: { type: 'string' }
    }
  })
  if (values.data === undefined) throw new Error('--data is missing: say where the node keeps what it has.')
  const { name, zone, listen, join, links } = values
  // In the environment, since anybody on the machine can read arguments.
  const { WELKIN_TICKET: ticket } = process.env
  const logLevel = oneOf('--log-level', values['log-level'], ['debug', 'info', 'warn', 'error'] satisfies LogLevel[])
  if (values.at !== undefined) return { dataDir: values.data, at: values.at, logLevel }
  return {
    dataDir: values.data, name, zone, listen: addressesOrOff(listen), join, links, ticket,
    http: portOrOff('--http', values.http), proxy: portOrOff('--proxy', values.proxy),
    dns: values.dns === 'off' ? false : values.dns,
    logLevel,
    price: priceOf(values.price),
    profile: oneOf('--profile', values.profile, ['local', 'datacenter', 'wan'] as const)
  }
}

/** `off`: none. */
function addressesOrOff (given: string[] | undefined): string[] | undefined {
  if (given?.includes('off') !== true) return given
  if (given.length === 1) return []
  throw new Error('--listen takes addresses, or "off" alone.')
}

function priceOf (given: string | undefined): number | undefined {
  const price = given === undefined ? undefined : Number(given)
  if (price === undefined || (price >= 0 && Number.isFinite(price))) return price
  throw new Error(`--price takes what a CPU costs for an hour, such as 0.04, not "${given}".`)
}

function portOrOff (option: string, given: string | undefined): number | false | undefined {
  if (given === undefined || given === 'off') return given === 'off' ? false : undefined
  const port = Number(given)
  if (Number.isInteger(port) && port >= 0 && port < 65536) return port
  throw new Error(`${option} takes a port or "off", not "${given}".`)
}

function oneOf<T extends string> (option: string, given: string | undefined, choices: readonly T[]): T | undefined {
  if (given === undefined) return undefined
  if ((choices as readonly string[]).includes(given)) return given as T
  throw new Error(`${option} is one of ${choices.join(', ')}, not "${given}".`)
}

/** Gives what does the same as a signal. */
function stopOnSignals (daemon: { stop: () => Promise<void> }): () => void {
  let stopping = false
  const onSignal = (): void => {
    if (stopping) process.exit(1)
    stopping = true
    void daemon.stop().then(() => { process.exit(0) })
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
  return onSignal
}

/** Whoever forked this process learns how it went, and may then go its own way. */
function tellParent (message: object): void {
  if (process.send === undefined) return
  process.once('disconnect', () => {})
  process.send(message)
}
