import { readFile, stat } from 'node:fs/promises'
import { repeat } from '@welkin/async'
import { CloudError, type Cancel, type Clock, type Logger } from '@welkin/interface'
import { linksOf, LOOK_PERIOD_MS, parseLinkTable, type LinksBetween } from '@welkin/links'

/** Links that are those of a file at any time. */
export interface FollowedLinks {
  between: LinksBetween
  stop: Cancel
}

/**
 * Reads a table of links, and looks again and again whether it has changed. A change that cannot be used is told of
 * once in the log, and the table before it stays. Rejects EINVAL for a first one that cannot be read or used.
 */
export async function followLinkFile (
  path: string, { clock, log }: { clock: Clock, log: Logger }
): Promise<FollowedLinks> {
  let version = await versionOf(path)
  let links = await readLinkFile(path)
  const stop = repeat(clock, LOOK_PERIOD_MS, async () => {
    const before = version
    version = await versionOf(path)
    if (version === before) return
    try {
      links = await readLinkFile(path)
      log.info('links.changed', { path })
    } catch (error) {
      if (!(error instanceof CloudError)) throw error
      log.warn('links.change_refused', { path, error })
    }
  })
  return { between: (from, to) => links(from, to), stop }
}

/** Tells one content of a file from the next; what is missing has a version as well, so it is told of once. */
async function versionOf (path: string): Promise<string> {
  try {
    const { ino, mtimeMs, size } = await stat(path)
    return `${ino} ${mtimeMs} ${size}`
  } catch {
    return 'missing'
  }
}

async function readLinkFile (path: string): Promise<LinksBetween> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    const message = `The table of links ${path} cannot be read (${(cause as NodeJS.ErrnoException).code}); give one.`
    throw new CloudError('EINVAL', message, { fields: { path }, cause })
  }
  return linksOf(parseLinkTable(text))
}
