import { existsSync, lstatSync, readlinkSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, relative } from 'node:path'

/** What isolated tasks see of the machine's files, beside their own; all else is not there. */
export interface View {
  /** Links of the root directory. */
  links: ReadonlyArray<{ path: string, target: string }>
  /** Seen at their own paths, and never to be written to; those that are not there are left out. */
  shown: readonly string[]
  /** Empty for the task though they lie within what is shown. */
  hidden: readonly string[]
  /** Seen, though within what is hidden. */
  doors: readonly string[]
}

export interface ViewOptions {
  /** The daemon's PATH: what is in it can be run. */
  searchPath: string
  /** The owner's, of which nothing is shown but what the PATH needs. */
  home: string
  shown: readonly string[]
  hidden: readonly string[]
  doors: readonly string[]
}

/** Where systems keep their programs and settings. */
const SYSTEM = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/etc', '/opt', '/nix', '/gnu', '/snap']
const MORE = ['/sys/devices/system', '/var/lib/ca-certificates']

/** What systems like to keep elsewhere, and link to. */
const SETTINGS = ['/etc/resolv.conf', '/etc/localtime']

/** Folders of an installation whose programs need what stands beside the folder. */
const PROGRAM_FOLDERS = ['bin', 'sbin', 'shims', '.bin']

/** Installations that share their folder with settings and secrets. */
const SHARED_FOLDERS = ['.local', '.cargo', '.config', '.cache']

const ANY_PASS = 0o001

/** What tasks may see on this machine as it is now. */
export function viewOf ({ doors, hidden, home, searchPath, shown }: ViewOptions): View {
  const links = SYSTEM.flatMap(path => isLink(path) ? [{ path, target: readlinkSync(path) }] : [])
  const system = [...SYSTEM.filter(path => existsSync(path) && !isLink(path)), ...MORE.filter(path => existsSync(path))]
  const secrets = [home, ...hidden]
  const programs = searchPath.split(':').filter(folder => isAbsolute(folder) && existsSync(folder))
    .flatMap(folder => [folder, realpathSync(folder)].map(each => installationOf(each, secrets)))
  const settings = SETTINGS.filter(path => existsSync(path)).map(path => realpathSync(path))
  const known = new Set(links.map(({ path }) => path))
  const all = outermost([...system, ...programs, ...shown, ...settings].filter(path => !known.has(path)))
  const covers = hidden.flatMap(path => {
    return all.filter(outer => isWithin(path, outer)).map(outer => closedPart(path, outer))
  })
  return { links, shown: all, hidden: outermost(covers), doors }
}

/** What is to be hidden on the way to `path`: from where others cannot pass, so that the task can come to its own. */
function closedPart (path: string, outer: string): string {
  const parts = relative(outer, path).split('/')
  const way = parts.map((_part, i) => join(outer, ...parts.slice(0, i + 1)))
  return way.find(each => ((statSync(each, { throwIfNoEntry: false })?.mode ?? 0) & ANY_PASS) === 0) ?? path
}

/** The directory that a folder of programs belongs to, unless that would show a secret; then the folder alone. */
export function installationOf (folder: string, secrets: readonly string[]): string {
  const parent = dirname(folder)
  if (!PROGRAM_FOLDERS.includes(basename(folder)) || SHARED_FOLDERS.includes(basename(parent))) return folder
  return parent === '/' || secrets.some(secret => isWithin(secret, parent)) ? folder : parent
}

export function isWithin (path: string, outer: string): boolean {
  const way = relative(outer, path)
  return way === '' || (way !== '..' && !way.startsWith('../') && !isAbsolute(way))
}

function outermost (paths: readonly string[]): string[] {
  const each = [...new Set(paths.map(path => join(path)))]
  return each.filter(path => !each.some(other => other !== path && isWithin(path, other)))
}

function isLink (path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true
}
