import { ERRNO, WasiFault } from '../errno.ts'
import type { CallContext, Calls } from '../context.ts'
import type { OpenFile } from '../descriptors.ts'
import { CONTENT_BYTES_MAX } from '../files/content.ts'
import { AGAIN, type Again } from '../outside.ts'
import { receive, send } from './sockets.ts'

const OFFSET_MAX = Number.MAX_SAFE_INTEGER

/** Reading and writing. */
export function streamCalls (context: CallContext): Calls {
  const { memory, outside, state } = context
  const { descriptors, input, limits, written } = state
  return {
    fd_read: (fd: number, pieces: number, count: number, done: number): number | Again => {
      const open = descriptors.get(fd)
      const into = memory.pieces(pieces, count)
      memory.putU32(done, 0)
      if (open.kind === 'directory') return ERRNO.isdir
      if (open.kind === 'listener') return ERRNO.notconn
      if (open.kind === 'conversation') return receive(context, open, into, done)
      if (open.kind === 'file') {
        const size = readInto(open, into, open.offset)
        open.offset += size
        memory.putU32(done, size)
        return ERRNO.success
      }
      if (open.stream !== 'stdin') return ERRNO.badf
      if (into.every(({ length }) => length === 0)) return ERRNO.success
      while (!input.isReady) {
        if (outside.wait(undefined) === 'suspend') return AGAIN
        if (!input.isReady && (state.signals?.length ?? 0) > 0) return ERRNO.intr
      }
      const size = into.reduce((sum, piece) => sum + input.take(piece), 0)
      outside.took(size)
      memory.putU32(done, size)
      return ERRNO.success
    },
    fd_pread: (fd: number, pieces: number, count: number, offset: bigint, done: number) => {
      const open = descriptors.file(fd)
      memory.putU32(done, readInto(open, memory.pieces(pieces, count), offsetOf(offset)))
      return ERRNO.success
    },
    fd_write: (fd: number, pieces: number, count: number, done: number): number | Again => {
      const open = descriptors.get(fd)
      const from = memory.pieces(pieces, count)
      memory.putU32(done, 0)
      if (open.kind === 'directory') return ERRNO.badf
      if (open.kind === 'listener') return ERRNO.notconn
      if (open.kind === 'conversation') return send(context, open, from, done)
      if (open.kind === 'stream') {
        const { stream } = open
        if (stream === 'stdin') return ERRNO.badf
        if (outside.wantsSuspension()) return AGAIN
        for (const bytes of from) {
          outside.write(stream, bytes)
          written[stream] += bytes.length
        }
        memory.putU32(done, from.reduce((sum, { length }) => sum + length, 0))
        return ERRNO.success
      }
      const start = open.append ? open.node.content.sizeBytes : open.offset
      const size = writeFrom(open, from, start)
      open.offset = start + size
      memory.putU32(done, size)
      return ERRNO.success
    },
    fd_pwrite: (fd: number, pieces: number, count: number, offset: bigint, done: number) => {
      const open = descriptors.file(fd)
      memory.putU32(done, writeFrom(open, memory.pieces(pieces, count), offsetOf(offset)))
      return ERRNO.success
    },
    fd_seek: (fd: number, offset: bigint, whence: number, done: number) => {
      const open = descriptors.file(fd)
      const { sizeBytes } = open.node.content
      const base = [0, open.offset, sizeBytes][whence >>> 0]
      if (base === undefined) return ERRNO.inval
      open.offset = offsetOf(BigInt(base) + BigInt.asIntN(64, offset))
      memory.putU64(done, BigInt(open.offset))
      return ERRNO.success
    },
    fd_tell: (fd: number, done: number) => {
      memory.putU64(done, BigInt(descriptors.file(fd).offset))
      return ERRNO.success
    }
  }

  function readInto ({ node, readable }: OpenFile, into: readonly Uint8Array[], start: number): number {
    if (!readable) throw new WasiFault('badf')
    let at = start
    for (const piece of into) {
      const size = node.content.read(at, piece)
      at += size
      if (size < piece.length) break
    }
    node.accessedNs = outside.wallNs()
    return at - start
  }

  function writeFrom ({ node, writable }: OpenFile, from: readonly Uint8Array[], start: number): number {
    if (!writable) throw new WasiFault('badf')
    const size = from.reduce((sum, { length }) => sum + length, 0)
    if (start + size > Math.min(limits.fileBytes ?? Infinity, CONTENT_BYTES_MAX)) throw new WasiFault('fbig')
    if (size > outside.roomBytes()) throw new WasiFault('nospc')
    let at = start
    for (const piece of from) {
      node.content.write(at, piece)
      at += piece.length
    }
    node.changedNs = outside.wallNs()
    return size
  }
}

/** Throws `inval` for what no file can reach. */
export function offsetOf (offset: bigint): number {
  const signed = BigInt.asIntN(64, offset)
  if (signed < 0n || signed > BigInt(OFFSET_MAX)) throw new WasiFault('inval')
  return Number(signed)
}
