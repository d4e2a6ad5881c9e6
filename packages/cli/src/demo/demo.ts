import { join, resolve } from 'node:path'
import { CloudError, type AbortOptions } from '@welkin/interface'
import type { Connection } from '@welkin/syscalls/connect'
import { digestFiles } from './digest.ts'
import { listFiles, sizeOf, type Omissions, type Work } from './files.ts'
import { hashInCloud } from './job.ts'
import { createProgress } from './progress.ts'
import type { Report } from './report.ts'

/** The repository's own node_modules: some ten thousand files that everybody has who has come so far. */
export const DEFAULT_FOLDER = join(import.meta.dirname, '../../../../../node_modules')

/** Looks what is to be done. Rejects ENOENT, ENOTDIR, EACCES as EINVAL where `folder` cannot be listed. */
export async function findWork (folder: string): Promise<Work> {
  const omissions: Omissions = new Map()
  try {
    return { folder: resolve(folder), files: await listFiles(resolve(folder), omissions), omissions }
  } catch (error) {
    const why = (error as Error).message
    throw new CloudError('EINVAL', `The folder cannot be listed: ${why}; name another with --folder.`, { cause: error })
  }
}

/** The SHA-256 of all the files, by objects on all nodes of the cloud, and again by this process alone; compared. */
export async function demonstrate (cloud: Connection, work: Work, options: AbortOptions): Promise<Report> {
  const { folder, files, omissions } = work
  const nodes = (await cloud.syscalls.nodes({})).nodes.filter(({ state }) => state === 'up')
    .toSorted((one, other) => one.name.localeCompare(other.name, 'en', { numeric: true }))
  // The bytes pass twice: on their way to the nodes, and through sha256sum.
  const progress = createProgress('hashing', 2 * sizeOf(files))
  const job = await hashInCloud(cloud, nodes, work, { ...options, onBytes: progress.advance }).finally(progress.stop)

  const beganMs = performance.now()
  const sums = await digestFiles(folder, files, omissions, options)
  const oneProcessSeconds = (performance.now() - beganMs) / 1000

  const compared = files.filter(({ path }) => !omissions.has(path))
  const differing = differences(sums, job.sums, omissions)
  return {
    folder,
    nodes: job.shares,
    objects: job.objects,
    files: compared.length,
    bytes: sizeOf(compared),
    seconds: job.seconds,
    oneProcessSeconds,
    agreed: differing.length === 0,
    differing,
    omitted: [...omissions].map(([path, reason]) => ({ path, reason }))
  }
}

/** The paths whose sums differ or are on one side only, but for those that are left out. */
function differences (
  ours: ReadonlyMap<string, string>, theirs: ReadonlyMap<string, string>, omissions: Omissions
): string[] {
  const paths = new Set([...ours.keys(), ...theirs.keys()])
  return [...paths].filter(path => !omissions.has(path) && ours.get(path) !== theirs.get(path)).toSorted()
}
