/**
 * The shepherd: the parent of all tasks of one data directory. It outlives the daemon, so that tasks go on being read
 * from and waited for when the daemon is killed, and ends by itself when there is nothing left to watch over.
 *
 *     node main.js DIRECTORY OPTIONS-AS-JSON
 */
import { closeSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { toErrorRecord, type Clock, type Handler, type Logger } from '@welkin/interface'
import { listenUnix, type UnixConnection, type UnixListener } from '@welkin/link-unix'
import type { Call } from '@welkin/wire'
import { asCloudError } from '@welkin/platform-node/faults'
import { JOURNAL_NAME, SOCKET_NAME, type Readiness, type ShepherdOptions } from '../protocol.ts'
import { Herd } from './herd.ts'
import { Journal } from './journal.ts'
import { PipePool } from './pipe-pool.ts'

const READINESS_FILE = 3
const TERMINATED_GRACE_MS = 5000

/** Whoever started it needs a moment to come. */
const FIRST_ORDER_MS = 5000

const [directory = '', optionsText = '{}'] = process.argv.slice(2)
const { lingerMs, ...segments } = JSON.parse(optionsText) as ShepherdOptions

const clock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs)
    return () => clearTimeout(timer)
  }
}

function write (event: string, fields: object = {}): void {
  try {
    writeSync(process.stderr.fd, `${new Date().toISOString()} ${event} ${JSON.stringify(fields)}\n`)
  } catch {
    // The disk is full. A log that cannot be written must not be the end of all tasks.
  }
}
const log: Logger = { error: write, warn: write, info: write, debug: () => {} }

/** Listens first, since that fails where another shepherd lives: all else would do harm to its tasks. */
async function main (): Promise<void> {
  let resolveHerd!: (herd: Herd) => void
  const herd = new Promise<Herd>(resolve => { resolveHerd = resolve })
  const path = join(directory, SOCKET_NAME)
  const listener = await listenUnix({ path, accept: connection => attend(herd, connection), clock, log })
  resolveHerd(await openHerd(listener))
}

/** Orders that come early wait until the herd can take them. */
function attend (herd: Promise<Herd>, connection: UnixConnection): Handler<Call> {
  const handler = herd.then(opened => opened.serve(connection))
  return {
    request: async (payload, call) => await (await handler).request(payload, call),
    channel: async (payload, channel, call) => await (await handler).channel(payload, channel, call)
  }
}

async function openHerd (listener: UnixListener): Promise<Herd> {
  const pool = new PipePool(join(directory, 'pipes'))
  const end = async (): Promise<void> => {
    pool.close()
    await listener.close()
    process.exit(0)
  }
  let linger: NodeJS.Timeout | undefined
  const lingerWhenIdle = (ms = lingerMs): void => {
    clearTimeout(linger)
    if (herd.idle) linger = setTimeout(() => { if (herd.idle) void end() }, ms)
  }
  const herd = new Herd({
    directory,
    journal: new Journal(join(directory, JOURNAL_NAME)),
    pool,
    segments,
    log: write,
    changed: () => lingerWhenIdle(),
    dismissed: () => { void end() }
  })
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => { void herd.endAll(TERMINATED_GRACE_MS).then(end) })
  }
  await herd.settleOrphans()
  lingerWhenIdle(Math.max(lingerMs, FIRST_ORDER_MS))
  return herd
}

function report (readiness: Readiness): void {
  writeSync(READINESS_FILE, `${JSON.stringify(readiness)}\n`)
  closeSync(READINESS_FILE)
}

try {
  await main()
  report({ ready: true })
} catch (error) {
  const failure = asCloudError(error, 'The shepherd of native tasks could not start')
  write('shepherd.not_started', { error: String(failure) })
  report({ ready: false, error: toErrorRecord(failure) })
  process.exit(1)
}
