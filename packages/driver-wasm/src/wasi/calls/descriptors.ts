import { ERRNO, WasiFault } from '../errno.ts'
import type { CallContext, Calls } from '../context.ts'
import type { Descriptor } from '../descriptors.ts'
import { FILE_TYPES, type TreeNode } from '../files/nodes.ts'
import { putFileStatus, putOtherStatus, setTimes } from '../status.ts'
import { NON_BLOCKING, release } from './sockets.ts'
import { offsetOf } from './streams.ts'

const ALL_RIGHTS = 0x1fff_ffffn
const READ_RIGHT = 1n << 1n
const SEEK_RIGHTS = (1n << 2n) | (1n << 5n)
const WRITE_RIGHT = 1n << 6n
/** To accept, to wait for that, and to change its flags. */
const ACCEPT_RIGHTS = (1n << 29n) | (1n << 27n) | (1n << 3n)
const APPEND = 1
const KNOWN_FLAGS = 0x1f
const ENTRY_BYTES = 24

/** What concerns descriptors, but for reading and writing. */
export function descriptorCalls (context: CallContext): Calls {
  const { memory, outside, state } = context
  const { descriptors, limits } = state
  return {
    fd_advise: (fd: number, _offset: bigint, _length: bigint, advice: number) => {
      descriptors.file(fd)
      return advice >>> 0 > 5 ? ERRNO.inval : ERRNO.success
    },
    fd_allocate: (fd: number, offset: bigint, length: bigint) => {
      const { node, writable } = descriptors.file(fd)
      if (!writable) return ERRNO.badf
      const end = offsetOf(offset) + offsetOf(length)
      if (end > node.content.sizeBytes) resize(node, end)
      return ERRNO.success
    },
    fd_close: (fd: number) => {
      const open = descriptors.get(fd)
      descriptors.close(fd)
      release(context, open)
      return ERRNO.success
    },
    fd_datasync: sync,
    fd_sync: sync,
    fd_fdstat_get: (fd: number, pointer: number) => {
      const open = descriptors.get(fd)
      memory.bytes(pointer, ENTRY_BYTES).fill(0)
      memory.putU8(pointer, typeOf(open))
      memory.putU16(pointer + 2, flagsOf(open))
      memory.putU64(pointer + 8, rightsOf(open))
      memory.putU64(pointer + 16, open.kind === 'directory' ? ALL_RIGHTS : 0n)
      return ERRNO.success
    },
    fd_fdstat_set_flags: (fd: number, flags: number) => {
      const open = descriptors.get(fd)
      if ((flags & ~KNOWN_FLAGS) !== 0) return ERRNO.inval
      if (open.kind === 'file') open.append = (flags & APPEND) !== 0
      if ('nonBlocking' in open) open.nonBlocking = (flags & NON_BLOCKING) !== 0
      return ERRNO.success
    },
    fd_fdstat_set_rights: (fd: number, rights: bigint) => {
      const open = descriptors.get(fd)
      if ((BigInt.asUintN(64, rights) & ~rightsOf(open)) !== 0n) return ERRNO.notcapable
      if (open.kind === 'file') {
        open.readable &&= (rights & READ_RIGHT) !== 0n
        open.writable &&= (rights & WRITE_RIGHT) !== 0n
      }
      return ERRNO.success
    },
    fd_filestat_get: (fd: number, pointer: number) => {
      const open = descriptors.get(fd)
      if ('node' in open) putFileStatus(memory, pointer, open.node)
      else putOtherStatus(memory, pointer, typeOf(open))
      return ERRNO.success
    },
    fd_filestat_set_size: (fd: number, size: bigint) => {
      const { node, writable } = descriptors.file(fd, 'inval')
      if (!writable) return ERRNO.badf
      resize(node, offsetOf(size))
      return ERRNO.success
    },
    fd_filestat_set_times: (fd: number, accessed: bigint, changed: bigint, flags: number) => {
      const open = descriptors.get(fd)
      if (!('node' in open)) return ERRNO.inval
      setTimes(open.node, { accessed, changed, flags }, outside.wallNs())
      return ERRNO.success
    },
    fd_prestat_get: (fd: number, pointer: number) => {
      memory.putU32(pointer, 0)
      memory.putU32(pointer + 4, preopenedOf(fd).length)
      return ERRNO.success
    },
    fd_prestat_dir_name: (fd: number, pointer: number, length: number) => {
      const name = preopenedOf(fd)
      if (length >>> 0 < name.length) return ERRNO.nametoolong
      memory.putText(pointer, name, length >>> 0)
      return ERRNO.success
    },
    fd_readdir: (fd: number, pointer: number, length: number, cookie: bigint, done: number) => {
      const { entries, number } = descriptors.directory(fd)
      const size = length >>> 0
      memory.bytes(pointer, size)
      let used = 0
      const put = (name: string, next: bigint, node: Pick<TreeNode, 'number' | 'kind'>): boolean => {
        used += putEntry((pointer >>> 0) + used, size - used, { name, next, node })
        return used < size
      }
      const from = BigInt.asUintN(64, cookie)
      // The first two cookies are those of the directory itself, and of the one above.
      const self = { number, kind: 'directory' as const }
      let goesOn = (from > 0n || put('.', 1n, self)) && (from > 1n || put('..', 2n, self))
      for (const [name, { node, serial }] of entries) {
        if (!goesOn) break
        const next = BigInt(serial) + 2n
        if (next > from) goesOn = put(name, next, node)
      }
      memory.putU32(done, used)
      return ERRNO.success
    },
    fd_renumber: (from: number, to: number) => {
      const open = descriptors.get(from)
      const replaced = descriptors.get(to)
      if (from === to) return ERRNO.success
      descriptors.close(from)
      descriptors.put(to, open)
      release(context, replaced)
      return ERRNO.success
    }
  }

  // What is in memory is as durable as it gets.
  function sync (fd: number): number {
    descriptors.get(fd)
    return ERRNO.success
  }

  function resize (node: TreeNode & { kind: 'file' }, sizeBytes: number): void {
    if (sizeBytes > (limits.fileBytes ?? Infinity)) throw new WasiFault('fbig')
    node.content.resize(sizeBytes)
    node.changedNs = outside.wallNs()
  }

  function preopenedOf (fd: number): string {
    const open = descriptors.get(fd)
    if (open.kind !== 'directory' || open.preopened === undefined) throw new WasiFault('badf')
    return open.preopened
  }

  /** An entry may be cut at the end of the buffer, by which the program sees that there is more. */
  function putEntry (
    pointer: number, room: number,
    { name, next, node }: { name: string, next: bigint, node: Pick<TreeNode, 'number' | 'kind'> }
  ): number {
    const text = new TextEncoder().encode(name)
    const entry = new DataView(new ArrayBuffer(ENTRY_BYTES))
    entry.setBigUint64(0, next, true)
    entry.setBigUint64(8, BigInt(node.number), true)
    entry.setUint32(16, text.length, true)
    entry.setUint8(20, FILE_TYPES[node.kind])
    const head = new Uint8Array(entry.buffer).subarray(0, room)
    const rest = text.subarray(0, room - head.length)
    memory.bytes(pointer, head.length).set(head)
    memory.bytes(pointer + head.length, rest.length).set(rest)
    return head.length + rest.length
  }
}

function typeOf (open: Descriptor): number {
  if ('nonBlocking' in open) return FILE_TYPES.socket
  return open.kind === 'stream' ? FILE_TYPES.unknown : FILE_TYPES[open.kind]
}

function flagsOf (open: Descriptor): number {
  if ('nonBlocking' in open) return open.nonBlocking ? NON_BLOCKING : 0
  return open.kind === 'file' && open.append ? APPEND : 0
}

function rightsOf (open: Descriptor): bigint {
  if (open.kind === 'directory') return ALL_RIGHTS
  if (open.kind === 'listener') return ACCEPT_RIGHTS
  if (open.kind === 'conversation') return ALL_RIGHTS & ~SEEK_RIGHTS
  const rights = open.kind === 'stream' ? ALL_RIGHTS & ~SEEK_RIGHTS : ALL_RIGHTS
  const { readable, writable } = open.kind === 'file'
    ? open
    : { readable: open.stream === 'stdin', writable: open.stream !== 'stdin' }
  return rights & ~(readable ? 0n : READ_RIGHT) & ~(writable ? 0n : WRITE_RIGHT)
}
