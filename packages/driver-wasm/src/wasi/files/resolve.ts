import { WasiFault } from '../errno.ts'
import type { DirectoryNode, TreeNode } from './nodes.ts'

const LINKS_MAX = 40
const NAME_BYTES_MAX = 255
const PATH_BYTES_MAX = 4096

/** Where a path leads: a name in a directory, and what stands there now. `name` '': the directory itself. */
export interface Place {
  readonly directory: DirectoryNode
  readonly name: string
  readonly node: TreeNode | undefined
  /** Whether the path says that it is a directory, by a slash at its end. */
  readonly isDirectory: boolean
}

/**
 * Follows a path from an open directory, which it may not leave. Throws `noent` (on the way), `notdir`, `notcapable`
 * (out of the directory), `loop`, `nametoolong`.
 */
export function resolve (from: DirectoryNode, path: string, { follow }: { follow: boolean }): Place {
  if (path === '') throw new WasiFault('noent')
  if (path.startsWith('/')) throw new WasiFault('notcapable')
  if (path.length > PATH_BYTES_MAX) throw new WasiFault('nametoolong')
  const way: DirectoryNode[] = [from]
  const left = partsOf(path).toReversed()
  const isDirectory = /(^|\/)\.{0,2}$/.test(path)
  let links = 0
  for (;;) {
    const directory = way.at(-1) as DirectoryNode
    const name = left.pop()
    if (name === undefined) return { directory, name: '', node: directory, isDirectory }
    if (name === '..') {
      if (way.length === 1) throw new WasiFault('notcapable')
      way.pop()
      continue
    }
    if (name.length > NAME_BYTES_MAX) throw new WasiFault('nametoolong')
    const node = directory.entries.get(name)?.node
    const isLast = left.length === 0
    if (node?.kind === 'link' && (!isLast || follow || isDirectory)) {
      if (++links > LINKS_MAX) throw new WasiFault('loop')
      if (node.target.startsWith('/')) throw new WasiFault('notcapable')
      left.push(...partsOf(node.target).toReversed())
    } else if (isLast) {
      if (isDirectory && node !== undefined && node.kind !== 'directory') throw new WasiFault('notdir')
      return { directory, name, node, isDirectory }
    } else if (node === undefined) throw new WasiFault('noent')
    else if (node.kind !== 'directory') throw new WasiFault('notdir')
    else way.push(node)
  }
}

/** As `resolve`, for what must be there. */
export function find (from: DirectoryNode, path: string, options: { follow: boolean }): TreeNode {
  const { node } = resolve(from, path, options)
  if (node === undefined) throw new WasiFault('noent')
  return node
}

/** As `resolve`, for a name that is to come, go or change. Throws `inval` too. */
export function placeOf (from: DirectoryNode, path: string): Place {
  const place = resolve(from, path, { follow: false })
  if (place.name === '') throw new WasiFault('inval')
  return place
}

function partsOf (path: string): string[] {
  return path.split('/').filter(part => part !== '' && part !== '.')
}
