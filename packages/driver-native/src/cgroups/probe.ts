import { access, mkdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { systemCode } from '@welkin/platform-node/faults'
import { findPlaces, type Controller, type Place, type Places } from './places.ts'

/** The file of a child cgroup that shows that its controller is at work. */
const PROOFS: Readonly<Record<Controller, readonly [version1: string, version2: string]>> = {
  cpu: ['cpu.cfs_quota_us', 'cpu.max'],
  cpuacct: ['cpuacct.usage', 'cpu.stat'],
  memory: ['memory.limit_in_bytes', 'memory.max'],
  pids: ['pids.max', 'pids.max']
}

export interface Probe {
  places: Places
  /** Why limits on CPU or memory cannot hold here and how they could; undefined where they do. */
  reason: string | undefined
}

/** Finds by trying in which cgroups this process may make others. `proc`: where it learns which it is in. */
export async function probeCgroups (proc = '/proc/self'): Promise<Probe> {
  const controllers: Controller[] = ['cpu', 'cpuacct', 'memory', 'pids']
  const found = findPlaces(await readText(join(proc, 'mountinfo')), await readText(join(proc, 'cgroup')), controllers)
  const places: Places = {}
  for (const controller of controllers) {
    const place = found[controller]
    const usable = place === undefined ? undefined : await usablePlace(controller, place)
    if (usable !== undefined) places[controller] = usable
  }
  const missing = (['cpu', 'memory'] as const).filter(controller => places[controller] === undefined)
  return { places, reason: missing.length === 0 ? undefined : explain(missing, found) }
}

function explain (missing: readonly Controller[], found: Places): string {
  const what = `Limits on ${missing.join(' and ')} do not hold: `
  const place = missing.map(controller => found[controller]).find(each => each !== undefined)
  if (place === undefined) return `${what}no cgroups are mounted here.`
  if (place.version === 1) {
    return `${what}${place.directory} may not be written; run as root, or have it given to this user.`
  }
  return `${what}${place.directory} may not be divided; ` +
    'run as root, or as a systemd service with Delegate=yes and DelegateSubgroup=daemon.'
}

async function usablePlace (controller: Controller, place: Place): Promise<Place | undefined> {
  if (place.version === 1) return await isUsable(controller, place) ? place : undefined
  for (const directory of candidates(place.directory)) {
    const candidate: Place = { version: 2, directory }
    await enable(controller, directory)
    if (await isUsable(controller, candidate)) return candidate
  }
  return undefined
}

// A cgroup of version 2 that holds processes gives no controllers to its children. So a service manager that delegates
// puts the daemon one below; a slice is not delegated and stays untouched.
function candidates (directory: string): string[] {
  const parent = dirname(directory)
  return basename(parent).endsWith('.slice') ? [directory] : [directory, parent]
}

async function enable (controller: Controller, directory: string): Promise<void> {
  if (controller === 'cpuacct') return // version 2 always counts
  try {
    await writeFile(join(directory, 'cgroup.subtree_control'), `+${controller}`)
  } catch {
    // It may be at work all the same, which is what is tried next.
  }
}

async function isUsable (controller: Controller, { version, directory }: Place): Promise<boolean> {
  const trial = join(directory, `welkin-probe-${process.pid}`)
  try {
    await mkdir(trial)
  } catch {
    return false
  }
  try {
    await access(join(trial, PROOFS[controller][version - 1] as string))
    return true
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false
    throw error
  } finally {
    await rmdir(trial)
  }
}

async function readText (path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch {
    return '' // no Linux
  }
}
