import { spawn, type ChildProcess } from 'node:child_process'
import { access, constants, mkdtemp, open, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'
import { bubblewrapCommand, stdioWith } from './bubblewrap.ts'
import { giveTo, ownUserCommand, userOf } from './own-user.ts'
import type { View } from './view.ts'

const TRIAL_TIMEOUT_MS = 10_000
const TRIAL_USER = userOf('0'.repeat(32))

/** By what this machine can isolate a task; a path is undefined where that program is missing, or is of no use here. */
export interface Means {
  /** Makes sandboxes. */
  bwrap?: string
  /** A file with a filter of system calls, which sandboxes can have. */
  filter?: string
  /** Makes tasks run as users of their own: the beginning of a command. */
  setpriv?: readonly string[]
  /** What is missing for more, and how to get it. */
  reason?: string
}

/**
 * Finds out by trying. `directory`: where tasks work; where there are no sandboxes, users of their own must be able to
 * come there.
 */
export async function probeMeans (directory: string, view: View, filter: string | undefined): Promise<Means> {
  const isRoot = process.geteuid?.() === 0
  const setpriv = isRoot ? await probeOwnUsers() : undefined
  if (setpriv !== undefined) {
    const made = await probeSandboxes(view, filter, setpriv)
    if (made !== undefined) return { ...made, setpriv }
  }
  const made = await probeSandboxes(view, filter)
  if (made !== undefined) return made
  const lacking = `Tasks run without sandboxes, since ${await whyNoSandbox()}`
  if (setpriv !== undefined) {
    const closed = await closedAbove(directory)
    if (closed === undefined) return { setpriv, reason: `${lacking}. Each has a user of its own.` }
    return { reason: `${lacking}, nor as users of their own, since ${closed} is closed to others. ${AS_DAEMON}` }
  }
  return { reason: `${lacking}. ${AS_DAEMON}` }
}

/** A task ends with its shepherd, without whom nobody holds its leash, where setpriv knows how (util-linux 2.33). */
async function probeOwnUsers (): Promise<readonly string[] | undefined> {
  for (const tether of [['--pdeathsig=KILL'], []]) {
    const path = await ifItRuns('setpriv', setpriv => ownUserCommand([setpriv, ...tether], TRIAL_USER))
    if (path !== undefined) return [path, ...tether]
  }
  return undefined
}

const AS_DAEMON = 'They run as the daemon\'s user and can do what it can.'

async function whyNoSandbox (): Promise<string> {
  if (process.platform !== 'linux') return 'this is not Linux'
  if (await find('bwrap') === undefined) return '"bwrap" is not in the PATH (install bubblewrap)'
  return '"bwrap" does not work here (allow user namespaces to this user, or mounts to this container)'
}

/** With a filter of system calls, if that can be had. */
async function probeSandboxes (
  view: View, filter: string | undefined, setpriv?: readonly string[]
): Promise<Pick<Means, 'bwrap' | 'filter' | 'reason'> | undefined> {
  const filtered = filter === undefined ? undefined : await probeSandbox(view, filter, setpriv)
  if (filter !== undefined && filtered !== undefined) return { bwrap: filtered, filter }
  const bwrap = await probeSandbox(view, undefined, setpriv)
  return bwrap === undefined ? undefined : { bwrap, reason: 'System calls of tasks are not filtered (seccomp).' }
}

async function probeSandbox (
  view: View, filter?: string, setpriv?: readonly string[]
): Promise<string | undefined> {
  const directory = await mkdtemp(join(tmpdir(), 'welkin-trial-'))
  try {
    if (setpriv !== undefined) await giveTo(TRIAL_USER, directory)
    return await ifItRuns('bwrap', bwrap => [
      ...bubblewrapCommand({
        bwrap, view, workDirectory: directory, temporaryDirectory: directory, network: 'loopback',
        ownUsers: setpriv === undefined, filtered: filter !== undefined
      }),
      ...setpriv === undefined ? [] : ownUserCommand(setpriv, TRIAL_USER)
    ], filter)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** The path of a program, if others can be run by it. */
async function ifItRuns (
  name: string, command: (path: string) => string[], filter?: string
): Promise<string | undefined> {
  const path = await find(name)
  if (path === undefined) return undefined
  const [program = '', ...args] = [...command(path), '/bin/sh', '-c', 'cat /proc/self/stat > /dev/null']
  const file = filter === undefined ? undefined : await open(filter)
  try {
    const stdio = stdioWith(['ignore', 'ignore', 'ignore'], file?.fd)
    const child: ChildProcess = spawn(program, args, { timeout: TRIAL_TIMEOUT_MS, stdio })
    return await new Promise(resolve => {
      child.once('error', () => resolve(undefined))
      child.once('exit', code => resolve(code === 0 ? path : undefined))
    })
  } finally {
    await file?.close()
  }
}

async function find (name: string): Promise<string | undefined> {
  for (const folder of (process.env.PATH ?? '').split(':').filter(isAbsolute)) {
    const path = join(folder, name)
    if (await access(path, constants.X_OK).then(() => true, () => false)) return path
  }
  return undefined
}

/** The innermost directory above that only its owner may pass. */
async function closedAbove (directory: string): Promise<string | undefined> {
  for (let path = dirname(directory); path !== dirname(path); path = dirname(path)) {
    if (((await stat(path)).mode & 0o001) === 0) return path
  }
  return undefined
}
