import type { ListedFile } from './files.ts'

// What a file costs beside its bytes: opening, a header, an entry in a folder.
const FILE_BYTES = 16 * 1024

/**
 * The files in at most `count` parts of about equal work, none empty: the largest first, each to the part that has
 * least so far (Graham 1969: at most 4/3 of the best split).
 */
export function splitIntoShards (files: readonly ListedFile[], count: number): ListedFile[][] {
  const shards = Array.from({ length: Math.min(count, files.length) }, () => ({ bytes: 0, files: [] as ListedFile[] }))
  for (const file of files.toSorted((one, other) => other.sizeBytes - one.sizeBytes)) {
    const lightest = shards.reduce((least, shard) => (shard.bytes < least.bytes ? shard : least))
    lightest.files.push(file)
    lightest.bytes += file.sizeBytes + FILE_BYTES
  }
  return shards.map(shard => shard.files)
}
