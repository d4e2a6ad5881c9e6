import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { CloudError, type LogLevel } from '@welkin/interface'
import { listenUnix } from '@welkin/link-unix'
import { checkAddress, createLibp2pOverlay } from '@welkin/overlay-libp2p'
import {
  createNodeClock, createNodeKeys, createNodeLogger, createNodePasswords, createNodeRandom
} from '@welkin/platform-node'
import { writeNodeFile, type NodeFile } from './node-file.ts'
import { Outside } from './outside/index.ts'
import { undoAll, type Undo } from './undo.ts'
import { VERSION } from './version.ts'

export interface OutsideOptions {
  /** Has its socket while it runs, and nothing afterwards. */
  dataDir: string
  /** Multiaddrs of members, with their ids; the first that answers is asked. */
  at: readonly string[]
  logLevel?: LogLevel | undefined
}

export interface RunningOutside {
  readonly info: NodeFile
  /** Resolves when the session is over. */
  readonly ended: Promise<void>
  stop (): Promise<void>
}

/**
 * Answers a user's programs on a machine that is no node of the cloud: until the user logs out, or for a minute where
 * nobody logs in. Its key is drawn anew each time, and kept nowhere. Rejects EHOSTUNREACH where no member answers,
 * EADDRINUSE where another answers over the directory, EINVAL.
 */
export async function runOutside (options: OutsideOptions): Promise<RunningOutside> {
  const undo: Undo = []
  try {
    return { ...await assemble(options, undo), stop: async () => { await undoAll(undo) } }
  } catch (error) {
    await undoAll(undo)
    throw error
  }
}

async function assemble ({ at, logLevel, ...options }: OutsideOptions, undo: Undo) {
  for (const address of at) checkMember(address)
  const dataDir = resolve(options.dataDir)
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const clock = createNodeClock()
  const random = createNodeRandom()
  const log = createNodeLogger({ level: logLevel ?? 'info', stream: process.stderr, fields: { name: 'outside' } })
  const seed = randomBytes(32)
  const keys = createNodeKeys(seed)
  const { transport, stop } = await createLibp2pOverlay({ clock, random, log }, { seed, listen: [] })
  undo.push(stop)
  const outside = new Outside({ clock, keys, passwords: createNodePasswords(), random, transport }, at)
  undo.push(async () => { outside.stop() })
  await outside.start()
  const path = join(dataDir, 'welkin.sock')
  const socket = await listenUnix({ path, clock, log, accept: () => outside })
  undo.push(async () => { await socket.close() })
  const info: NodeFile = {
    id: keys.self, name: 'outside', zone: 'outside', addresses: [], socket: path, http: null, dns: null,
    pid: process.pid, version: VERSION, startedAtMs: clock.wallMs()
  }
  undo.push(await writeNodeFile(dataDir, info))
  return { info, ended: outside.ended }
}

/** Whoever answers must show to be the one who is meant: passwords are safe from others, what is asked is not. */
function checkMember (address: string): void {
  checkAddress(address)
  if (address.includes('/p2p/')) return
  throw new CloudError('EINVAL', `${address} does not say who is to answer there; give the whole address of a node, ` +
    'as "welkin up" prints it: /ip4/192.0.2.1/tcp/4701/p2p/ID.', { fields: { address } })
}
