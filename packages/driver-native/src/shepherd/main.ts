/**
 * The shepherd: the parent of all tasks of one data directory. It outlives the daemon, so that tasks go on being read
 * from and waited for when the daemon is killed, and ends by itself when there is nothing left to watch over.
 *
 *     node main.js DIRECTORY OPTIONS-AS-JSON
 */
import { closeSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { listenUnix, type UnixListener } from '@welkin/link-unix'
import { toErrorRecord, type Clock, type Logger } from '@welkin/interface'
import { JOURNAL_NAME, SOCKET_NAME, type Readiness, type ShepherdOptions } from '../protocol.ts'
import { Herd } from './herd.ts'
import { Journal } from './journal.ts'
import { PipePool } from './pipe-pool.ts'

const READINESS_FILE = 3
const TERMINATED_GRACE_MS = 5000

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

const write = (event: string, fields: object = {}): void => {
  process.stderr.write(`${new Date().toISOString()} ${event} ${JSON.stringify(fields)}\n`)
}
const log: Logger = { error: write, warn: write, info: write, debug: () => {} }

let listener: UnixListener | undefined
let linger: NodeJS.Timeout | undefined

async function main (): Promise<void> {
  const pool = new PipePool(join(directory, 'pipes'))
  const end = async (): Promise<void> => {
    await listener?.close()
    pool.close()
    process.exit(0)
  }
  const herd = new Herd({
    directory,
    journal: new Journal(join(directory, JOURNAL_NAME)),
    pool,
    segments,
    log: write,
    changed: lingerWhenIdle,
    dismissed: () => { void end() }
  })
  function lingerWhenIdle (): void {
    clearTimeout(linger)
    if (herd.idle) linger = setTimeout(() => { if (herd.idle) void end() }, lingerMs)
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => { void herd.endAll(TERMINATED_GRACE_MS).then(end) })
  }
  await herd.settleOrphans()
  listener = await listenUnix({ path: join(directory, SOCKET_NAME), accept: connection => herd.serve(connection), clock, log })
  lingerWhenIdle()
}

function report (readiness: Readiness): void {
  writeSync(READINESS_FILE, `${JSON.stringify(readiness)}\n`)
  closeSync(READINESS_FILE)
}

try {
  await main()
  report({ ready: true })
} catch (error) {
  write('shepherd.not_started', { error: String(error) })
  report({ ready: false, error: toErrorRecord(error) })
  process.exitCode = 1
}
