import type { ByteCounts } from './byte-rates.ts'

/** Of whatever size a disk's own are. */
const SECTOR_BYTES = 512

/** Places in a line: major and minor number, name, then counts. */
const NAME = 2
const READ_SECTORS = 5
const WRITTEN_SECTORS = 9

/** Devices that keep their bytes in memory, or on other devices of the list. */
const STACKED = /^(?:loop|ram|zram|dm-|md|drbd|bcache)\d/

/** What was read from and written to each disk as a whole, from /proc/diskstats; other lines are skipped. */
export function parseDisks (text: string): ByteCounts {
  const counts = new Map(text.split('\n').flatMap(line => {
    const fields = line.trim().split(/ +/)
    const name = fields[NAME] ?? ''
    const readBytes = Number(fields[READ_SECTORS]) * SECTOR_BYTES
    const writtenBytes = Number(fields[WRITTEN_SECTORS]) * SECTOR_BYTES
    if (STACKED.test(name) || !(readBytes >= 0 && writtenBytes >= 0)) return []
    return [[name, [readBytes, writtenBytes] as const] as const]
  }))
  for (const name of counts.keys()) {
    if (counts.has(diskOf(name) ?? '')) counts.delete(name)
  }
  return counts
}

/** The disk that a partition is on, by its name: sda1, or nvme0n1p1 where the disk's name ends in a digit. */
function diskOf (name: string): string | undefined {
  const [, numbered, lettered] = /^(.*\d)p\d+$|^(.*\D)\d+$/.exec(name) ?? []
  return numbered ?? lettered
}
