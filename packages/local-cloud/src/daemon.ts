import { fork, type ChildProcess } from 'node:child_process'
import { mkdir, open, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { DaemonOptions, NodeFile, OutsideOptions } from '@welkin/daemon/real'
import { abortReason, CloudError, reviveError, SILENT, throwIfAborted, type AbortOptions } from '@welkin/interface'
import { createNodeClock } from '@welkin/platform-node/clock'
import { listProcesses, runsWith, sendSignal, waitForEnd } from './processes.ts'

const STOP_MS = 10_000
const KILL_MS = 5000

/** A daemon that was started and answers. */
export interface StartedDaemon {
  info: NodeFile
  process: ChildProcess
}

export interface StartOptions extends AbortOptions {
  /** The file that takes its log, at the end. */
  logPath: string
}

/**
 * Starts `welkind` as a process with a life of its own; resolves when it answers. Rejects with the daemon's own reason
 * when it cannot start. An abort ends it.
 */
export async function startDaemon (
  options: DaemonOptions, how: StartOptions
): Promise<StartedDaemon> {
  const secrets = options.ticket === undefined ? {} : { WELKIN_TICKET: options.ticket }
  return await start(daemonArguments(options), { ...process.env, ...secrets }, how)
}

/** The same outside of a cloud: `at` says where its members are. */
export async function startOutside ({ dataDir, at }: OutsideOptions, how: StartOptions): Promise<StartedDaemon> {
  return await start(['--data', dataDir, ...at.flatMap(address => ['--at', address])], process.env, how)
}

async function start (
  args: readonly string[], env: NodeJS.ProcessEnv, { logPath, signal }: StartOptions
): Promise<StartedDaemon> {
  throwIfAborted(signal)
  // The daemon's module brings all of libp2p: only those who start one wait for it.
  const { WELKIND } = await import('@welkin/daemon/real')
  const child = await forkInto(logPath, WELKIND, args, env)
  const end = (): void => { child.kill('SIGKILL') }
  signal?.addEventListener('abort', end)
  try {
    const info = await readiness(child, logPath)
    child.disconnect()
    return { info, process: child }
  } catch (error) {
    end()
    throw signal?.aborted === true ? abortReason(signal) : error
  } finally {
    signal?.removeEventListener('abort', end)
  }
}

/** What the daemon of `dataDir` said of itself when it was last ready; undefined where none ever was. */
export async function readNodeFile (dataDir: string): Promise<NodeFile | undefined> {
  try {
    return JSON.parse(await readFile(join(dataDir, 'node.json'), 'utf8')) as NodeFile
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** The daemon that runs over `dataDir` now, or undefined. */
export async function liveDaemon (dataDir: string): Promise<NodeFile | undefined> {
  const info = await readNodeFile(dataDir)
  return info !== undefined && await runsWith(info.pid, dataDir) ? info : undefined
}

/** Ends the daemon of `dataDir` at once, as a power cut would; its tasks run on. Rejects ESRCH where none runs. */
export async function killDaemon (dataDir: string): Promise<NodeFile> {
  const info = await liveDaemon(dataDir)
  if (info === undefined) throw new CloudError('ESRCH', 'It is down already.')
  sendSignal(info.pid, 'SIGKILL')
  await waitForEnd(info.pid, dataDir, KILL_MS)
  return info
}

/** Ends the daemon of `dataDir` if one runs: asks first, forces after ten seconds. Its tasks run on. */
export async function stopDaemon (dataDir: string): Promise<void> {
  const info = await liveDaemon(dataDir)
  if (info === undefined) return
  sendSignal(info.pid, 'SIGTERM')
  if (await waitForEnd(info.pid, dataDir, STOP_MS)) return
  sendSignal(info.pid, 'SIGKILL')
  await waitForEnd(info.pid, dataDir, KILL_MS)
}

/** Ends every task that a daemon of `dataDir` has left running; the daemon must be down. */
export async function endTasks (dataDir: string): Promise<void> {
  const { endShepherd } = await import('@welkin/driver-native')
  await endShepherd({ directory: nativeOf(dataDir), clock: createNodeClock(), log: SILENT })
}

/** Ends every task of the daemon of `dataDir` now, with whoever watches over them: nobody learns how they ended. */
export function cutTasks (dataDir: string): void {
  const directory = nativeOf(dataDir)
  const listed = listProcesses()
  for (const { pid: shepherd } of listed.filter(({ command }) => ` ${command} `.includes(` ${directory} `))) {
    sendSignal(shepherd, 'SIGKILL')
    // Each task leads a group of its own.
    for (const { pid } of listed.filter(({ parent }) => parent === shepherd)) sendSignal(-pid, 'SIGKILL')
  }
}

function nativeOf (dataDir: string): string {
  return join(dataDir, 'native')
}

function daemonArguments (options: DaemonOptions): string[] {
  const { dataDir, name, zone, listen, join: known = [], http, dns, proxy, price, profile, links } = options
  return [
    '--data', dataDir,
    ...(name === undefined ? [] : ['--name', name]),
    ...(zone === undefined ? [] : ['--zone', zone]),
    ...(listen?.length === 0 ? ['off'] : listen ?? []).flatMap(address => ['--listen', address]),
    ...known.flatMap(address => ['--join', address]),
    ...(profile === undefined ? [] : ['--profile', profile]),
    ...(price === undefined ? [] : ['--price', String(price)]),
    ...(links === undefined ? [] : ['--links', links]),
    ...(http === undefined ? [] : ['--http', http === false ? 'off' : String(http)]),
    ...(dns === undefined ? [] : ['--dns', dns === false ? 'off' : dns]),
    ...(proxy === undefined ? [] : ['--proxy', proxy === false ? 'off' : String(proxy)])
  ]
}

/** Starts a program of Node in a session of its own, so that our Ctrl-C is not its Ctrl-C. */
async function forkInto (
  logPath: string, program: string, args: readonly string[], env: NodeJS.ProcessEnv
): Promise<ChildProcess> {
  await mkdir(dirname(logPath), { recursive: true, mode: 0o700 })
  const log = await open(logPath, 'a', 0o600)
  try {
    return fork(program, args, { detached: true, env, execArgv: [], stdio: ['ignore', log.fd, log.fd, 'ipc'] })
  } finally {
    await log.close()
  }
}

async function readiness (child: ChildProcess, logPath: string): Promise<NodeFile> {
  return await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('message', (message: { ready?: NodeFile, failed?: unknown }) => {
      if (message.ready === undefined) reject(reviveError(message.failed))
      else resolve(message.ready)
    })
    child.once('exit', (code, signal) => {
      const end = signal ?? `exit ${code}`
      const silent = new CloudError('EFAULT', `The daemon ended (${end}) before it was ready; ${logPath} tells why.`)
      // Its last message may come after its end.
      if (child.connected) child.once('disconnect', () => reject(silent))
      else reject(silent)
    })
  })
}
