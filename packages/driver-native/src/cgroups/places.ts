import { join, posix } from 'node:path'

/** A cgroup of ours, below which others can be made. */
export interface Place { version: 1 | 2, directory: string }

export type Controller = 'cpu' | 'cpuacct' | 'memory' | 'pids'

/** Where each controller regulates; what may not be used is left out. Plain data: it crosses to the shepherd. */
export type Places = Partial<Record<Controller, Place>>

interface Mount { root: string, directory: string, type: string, options: readonly string[] }

/**
 * The cgroups that a process is in, from its /proc/self/mountinfo and /proc/self/cgroup: for each controller that
 * version 1 has mounted, its own; for the others that of version 2, where it is mounted. A path is relative to its
 * hierarchy, of which a container may see but a part.
 */
export function findPlaces (mountinfo: string, cgroup: string, controllers: readonly Controller[]): Places {
  const mounts = mountinfo.split('\n').map(parseMount).filter(mount => mount !== undefined)
  const paths = cgroup.split('\n').map(line => /^\d+:([^:]*):(.*)$/.exec(line)).filter(match => match !== null)
  const unifiedMount = mounts.find(({ type }) => type === 'cgroup2')
  const unified = placeOf(unifiedMount, paths.find(([, names]) => names === '')?.[2], 2)
  const places: Places = {}
  for (const controller of controllers) {
    const mount = mounts.find(({ type, options }) => type === 'cgroup' && options.includes(controller))
    const path = paths.find(([, names]) => names?.split(',').includes(controller))?.[2]
    const place = placeOf(mount, path, 1) ?? unified
    if (place !== undefined) places[controller] = place
  }
  return places
}

// 36 35 98:0 /root /directory rw,noatime master:1 - type source options
function parseMount (line: string): Mount | undefined {
  const [left = '', right = ''] = line.split(' - ')
  const [, , , root, directory] = left.split(' ')
  const [type, , options = ''] = right.split(' ')
  if (root === undefined || directory === undefined || type === undefined) return undefined
  return { root, directory: unescape(directory), type, options: options.split(',') }
}

function unescape (path: string): string {
  return path.replaceAll(/\\([0-7]{3})/g, (_all, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
}

function placeOf (mount: Mount | undefined, path: string | undefined, version: 1 | 2): Place | undefined {
  if (mount === undefined || path === undefined) return undefined
  const inside = posix.relative(mount.root, path)
  if (inside.startsWith('..')) return undefined
  return { version, directory: join(mount.directory, inside) }
}
