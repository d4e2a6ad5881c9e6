import { ERRNO, WasiFault } from '../errno.ts'
import type { CallContext, Calls } from '../context.ts'
import type { FileNode } from '../files/nodes.ts'
import { find, placeOf, resolve } from '../files/resolve.ts'
import { putFileStatus, setTimes } from '../status.ts'

const FOLLOW = 1
const CREATE = 1
const DIRECTORY = 2
const EXCLUSIVE = 4
const TRUNCATE = 8
const APPEND = 1
const READ_RIGHT = 1n << 1n
const WRITE_RIGHTS = (1n << 6n) | (1n << 8n) | (1n << 22n)

/** What concerns files by their names. */
export function pathCalls ({ memory, outside, state }: CallContext): Calls {
  const { descriptors, tree } = state
  const followOf = (flags: number): { follow: boolean } => ({ follow: (flags & FOLLOW) !== 0 })
  return {
    path_create_directory: (fd: number, pointer: number, length: number) => {
      const path = memory.text(pointer, length)
      const { directory, name, node } = resolve(descriptors.directory(fd), path, { follow: false })
      if (node !== undefined) return ERRNO.exist
      checkRoom()
      tree.add(directory, name, tree.makeDirectory())
      return ERRNO.success
    },
    path_filestat_get: (fd: number, flags: number, pointer: number, length: number, status: number) => {
      putFileStatus(memory, status, find(descriptors.directory(fd), memory.text(pointer, length), followOf(flags)))
      return ERRNO.success
    },
    path_filestat_set_times: (
      fd: number, flags: number, pointer: number, length: number, accessed: bigint, changed: bigint, which: number
    ) => {
      const node = find(descriptors.directory(fd), memory.text(pointer, length), followOf(flags))
      setTimes(node, { accessed, changed, flags: which }, outside.wallNs())
      return ERRNO.success
    },
    path_link: (
      fd: number, flags: number, pointer: number, length: number, newFd: number, newPointer: number, newLength: number
    ) => {
      const node = find(descriptors.directory(fd), memory.text(pointer, length), followOf(flags))
      if (node.kind === 'directory') return ERRNO.perm
      const { directory, name, isDirectory } = placeOf(descriptors.directory(newFd), memory.text(newPointer, newLength))
      if (isDirectory) return ERRNO.noent
      checkRoom()
      tree.add(directory, name, node)
      return ERRNO.success
    },
    path_open: open,
    path_readlink: (fd: number, pointer: number, length: number, buffer: number, size: number, done: number) => {
      const node = find(descriptors.directory(fd), memory.text(pointer, length), { follow: false })
      if (node.kind !== 'link') return ERRNO.inval
      memory.putU32(done, memory.putText(buffer, node.target, size >>> 0))
      return ERRNO.success
    },
    path_remove_directory: (fd: number, pointer: number, length: number) => {
      const { directory, name } = placeOf(descriptors.directory(fd), memory.text(pointer, length))
      tree.remove(directory, name, 'directory')
      return ERRNO.success
    },
    path_rename: (
      fd: number, pointer: number, length: number, newFd: number, newPointer: number, newLength: number
    ) => {
      const from = placeOf(descriptors.directory(fd), memory.text(pointer, length))
      const to = placeOf(descriptors.directory(newFd), memory.text(newPointer, newLength))
      if (from.node === undefined) return ERRNO.noent
      if (to.isDirectory && from.node.kind !== 'directory') return ERRNO.notdir
      tree.rename(from.directory, from.name, to.directory, to.name)
      return ERRNO.success
    },
    path_symlink: (target: number, targetLength: number, fd: number, pointer: number, length: number) => {
      const text = memory.text(target, targetLength)
      const { directory, name, isDirectory } = placeOf(descriptors.directory(fd), memory.text(pointer, length))
      if (text === '' || isDirectory) return ERRNO.noent
      checkRoom()
      tree.add(directory, name, tree.makeLink(text))
      return ERRNO.success
    },
    path_unlink_file: (fd: number, pointer: number, length: number) => {
      const { directory, name, isDirectory } = placeOf(descriptors.directory(fd), memory.text(pointer, length))
      if (isDirectory) return ERRNO.isdir
      tree.remove(directory, name, 'file')
      return ERRNO.success
    }
  }

  function open (
    fd: number, lookup: number, pointer: number, length: number, how: number, rights: bigint, _inheriting: bigint,
    flags: number, opened: number
  ): number {
    memory.u32(opened)
    const place = resolve(descriptors.directory(fd), memory.text(pointer, length), followOf(lookup))
    let { node } = place
    const isNew = node === undefined
    if (node === undefined) {
      if ((how & CREATE) === 0) return ERRNO.noent
      if (place.isDirectory || (how & DIRECTORY) !== 0) return ERRNO.isdir
      checkRoom()
      node = tree.makeFile()
    } else if ((how & EXCLUSIVE) !== 0 && (how & CREATE) !== 0) return ERRNO.exist
    if (node.kind === 'link') return ERRNO.loop
    if (node.kind === 'directory') {
      if ((how & TRUNCATE) !== 0) return ERRNO.isdir
      memory.putU32(opened, descriptors.add({ kind: 'directory', node, preopened: undefined }))
      return ERRNO.success
    }
    if ((how & DIRECTORY) !== 0) return ERRNO.notdir
    memory.putU32(opened, descriptors.add(fileOf(node, rights, flags)))
    if (isNew) tree.add(place.directory, place.name, node)
    if ((how & TRUNCATE) !== 0) {
      node.content.resize(0)
      node.changedNs = outside.wallNs()
    }
    return ERRNO.success
  }

  function fileOf (node: FileNode, rights: bigint, flags: number) {
    return {
      kind: 'file', node, offset: 0, append: (flags & APPEND) !== 0, readable: (rights & READ_RIGHT) !== 0n,
      writable: (rights & WRITE_RIGHTS) !== 0n
    } as const
  }

  // Names cost too.
  function checkRoom (): void {
    if (outside.roomBytes() <= 0) throw new WasiFault('nospc')
  }
}
