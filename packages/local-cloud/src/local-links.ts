import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { CloudError, didYouMean } from '@welkin/interface'
import {
  checkLinkTable, covers, isLinkProfile, LINK_PROFILES, LOOK_PERIOD_MS, parseLinkTable, readLinks, type LinkTable,
  type Place
} from '@welkin/links'
import type { LocalCloud } from './local-cloud.ts'

/** The first bytes of what gzip has made. */
const GZIP = Buffer.from([0x1f, 0x8b])

/** The file by whose table all daemons of a local cloud go. */
export function linksPath ({ directory }: LocalCloud): string {
  return join(directory, 'links.json')
}

/**
 * The table for `latency`: a profile, or a file that holds a table or a matrix of round-trip times, which may be
 * compressed by gzip. Rejects ENOENT where there is no such file, EINVAL for one that holds neither.
 */
export async function readLatency (latency: string, nodes: readonly Place[]): Promise<LinkTable> {
  if (isLinkProfile(latency)) return checkLinkTable({ profile: latency })
  const bytes = await readFile(latency).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT') throw cause
    throw new CloudError('ENOENT', `There is no file ${latency}; give one, or one of ${LINK_PROFILES.join(', ')}.`)
  })
  const text = bytes.subarray(0, GZIP.length).equals(GZIP) ? await promisify(gunzip)(bytes) : bytes
  return readLinks(text.toString(), nodes)
}

/** Writes the table for daemons that are still to start: their ids follow from keys, which are made here. */
export async function placeNodes (cloud: LocalCloud, table: LinkTable): Promise<void> {
  const { createNodeKeys, loadSeed } = await import('@welkin/platform-node')
  const places = await Promise.all(cloud.nodes.map(async ({ name, zone, dataDir }) =>
    [createNodeKeys(await loadSeed(dataDir)).self, { name, zone }] as const))
  await writeCloudLinks(cloud, { ...table, places: Object.fromEntries(places) })
}

/** The table of a local cloud. Rejects ENOENT where its links are those of the machine. */
export async function readCloudLinks (cloud: LocalCloud): Promise<LinkTable> {
  if (cloud.latency !== undefined) return parseLinkTable(await readFile(linksPath(cloud), 'utf8'))
  throw new CloudError('ENOENT',
    `The links of the local cloud ${cloud.name} are those of this machine; start one with ` +
    '"welkin local up --latency lan" to change them.')
}

/** Replaces the table; resolves when the daemons have had the time to see it. Rejects EINVAL for one that is wrong. */
export async function changeCloudLinks (cloud: LocalCloud, table: LinkTable): Promise<void> {
  await writeCloudLinks(cloud, checkLinkTable(table))
  await sleep(2 * LOOK_PERIOD_MS)
}

/** Rejects ENOENT for what is neither a node of the cloud nor a zone of some. */
export function checkEnd (cloud: LocalCloud, end: string): void {
  if (cloud.nodes.some(node => covers(end, node))) return
  const near = didYouMean(end, cloud.nodes.flatMap(({ name, zone }) => [name, zone]))
  throw new CloudError('ENOENT', `The local cloud ${cloud.name} has neither a node nor a zone ${end}.${near}`)
}

/** Replaces the table, which daemons see within `LOOK_PERIOD_MS`. */
// In one step, since they read it at any time.
export async function writeCloudLinks (cloud: LocalCloud, table: LinkTable): Promise<void> {
  const path = linksPath(cloud)
  await writeFile(`${path}.new`, `${JSON.stringify(table, undefined, 2)}\n`, { mode: 0o600 })
  await rename(`${path}.new`, path)
}
