import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Disk, NodeId } from '@welkin/interface'
import { diskErrorOf } from './faults.ts'
import { NodeFiles } from './files.ts'
import { claimDirectory } from './format.ts'
import { LevelRecords } from './records.ts'
import { Room } from './room.ts'

export interface NodeDiskOptions {
  /** Files leave so much of the disk free, and records a quarter of it: the store needs room to write at all. */
  reserveBytes: number
}

const DEFAULTS: NodeDiskOptions = { reserveBytes: 32 * 1024 * 1024 }

/**
 * The disk of `node` in a directory of its own, made where it is missing. Rejects EBUSY where another process has it
 * open, ESTALE where it belongs to another node or version, EIO where it is damaged, EACCES, ENOSPC.
 */
export async function openNodeDisk (
  directory: string, node: NodeId, options: Partial<NodeDiskOptions> = {}
): Promise<Disk> {
  const { reserveBytes } = { ...DEFAULTS, ...options }
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    await claimDirectory(directory, node)
    // This locks the directory for all that follows.
    const records = await LevelRecords.open(join(directory, 'records'), new Room(directory, reserveBytes / 4))
    const room = new Room(directory, reserveBytes)
    const files = await NodeFiles.open(join(directory, 'files'), join(directory, 'drafts'), room)
    const close = async (): Promise<void> => {
      await files.close()
      await records.close()
    }
    return { records, files, close }
  } catch (error) {
    throw diskErrorOf(error, `The data directory ${directory} cannot be used`)
  }
}
