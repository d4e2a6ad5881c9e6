import { dirname } from 'node:path'
import type { TaskNetwork } from '@welkin/interface'
import type { View } from './view.ts'

/** What one task's sandbox is made of. */
export interface Sandbox {
  /** The path of `bwrap`. */
  bwrap: string
  view: View
  /** Seen at their own paths, and the task's to write to. */
  workDirectory: string
  /** Seen as /tmp and /var/tmp. */
  temporaryDirectory: string
  network: TaskNetwork
  /** Whether system calls are filtered, by what can be read from `FILTER_FD`. */
  filtered: boolean
  /** Whether it needs a user namespace, since who makes it is not the superuser; else its program becomes a user. */
  ownUsers: boolean
}

/** Where bubblewrap reads the filter of system calls; the one before is input's. */
export const FILTER_FD = 4

/**
 * The command that makes the sandbox, to which the first program in it is added. That one is process 1 of it, and all
 * end with it; it has to wait for orphans. The session is a new one, so that a signal to its process group reaches the
 * processes in the sandbox and not bubblewrap, which would end and take them along.
 */
export function bubblewrapCommand (sandbox: Sandbox): string[] {
  const { bwrap, filtered, network, ownUsers, temporaryDirectory, view, workDirectory } = sandbox
  return [
    bwrap, '--new-session', '--die-with-parent', '--as-pid-1', '--unshare-pid', '--unshare-ipc', '--unshare-uts',
    ...ownUsers ? ['--unshare-user'] : ['--cap-drop', 'ALL', ...BECOMING.flatMap(right => ['--cap-add', right])],
    ...network === 'host' ? [] : ['--unshare-net'],
    ...filtered ? ['--seccomp', String(FILTER_FD)] : [],
    ...view.links.flatMap(({ path, target }) => ['--symlink', target, path]),
    '--bind', temporaryDirectory, '/tmp', '--dir', '/var', '--symlink', '/tmp', '/var/tmp',
    ...view.shown.flatMap(path => [...parents(path), '--ro-bind-try', path, path]),
    ...view.hidden.flatMap(path => [...parents(path), '--tmpfs', path]),
    '--proc', '/proc', '--dev', '/dev', '--dir', '/run',
    ...view.doors.flatMap(path => [...parents(path), '--ro-bind-try', path, path]),
    ...parents(workDirectory), '--bind', workDirectory, workDirectory,
    ...view.hidden.flatMap(path => ['--remount-ro', path]),
    '--remount-ro', '/', '--chdir', workDirectory, '--'
  ]
}

/** What it takes to come into the user's directory, and to become that user for good; the program has none of it. */
const BECOMING = ['CAP_DAC_READ_SEARCH', 'CAP_SETUID', 'CAP_SETGID', 'CAP_SETPCAP']

/** Made by name, since bubblewrap would close to others what it makes on the way to a closed directory. */
function parents (path: string): string[] {
  const parent = dirname(path)
  return parent === '/' ? [] : [...parents(parent), '--dir', parent]
}

/** Streams of a process, and the file of the filter where bubblewrap reads it. */
export function stdioWith (
  streams: ReadonlyArray<'pipe' | 'ignore' | number>, filter: number | undefined
): Array<'pipe' | 'ignore' | number> {
  if (filter === undefined) return [...streams]
  return [...streams, ...Array<'ignore'>(FILTER_FD - streams.length).fill('ignore'), filter]
}
