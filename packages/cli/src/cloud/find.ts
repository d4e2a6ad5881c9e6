import { stat } from 'node:fs/promises'
import { resolve, sep } from 'node:path'
import { CloudError, isCloudError } from '@welkin/interface'
import {
  localClouds, openLocalCloud, readLocalCloud, readNodeFile, welkinHome, type LocalCloud
} from '@welkin/local-cloud'
import { connect, type Connection } from '@welkin/syscalls/connect'

/**
 * Connects to a node of the cloud that is meant. `cloud` is the name of a local cloud, a data directory, a local
 * cloud's folder or a socket; left out: what WELKIN_SOCKET names, else the first live node of this user: that of
 * `welkin up`, then that of `welkin login --at`, then those of the local cloud `default`, then those of the others. A
 * task asks its own daemon in its own name, any other as the owner. Rejects ENOENT where nothing is meant, EHOSTDOWN
 * where nobody answers.
 */
export async function findCloud (cloud: string | undefined): Promise<Connection> {
  if (cloud !== undefined) return await connectNamed(cloud)
  const socket = process.env['WELKIN_SOCKET'] ?? ''
  if (socket !== '') return await connect({ socket })
  const found = await connectFirst(await dataDirs())
  if (found !== undefined) return found
  throw new CloudError('ENOENT', 'No cloud was found: "welkin local up" starts one of several nodes to try things ' +
    'out, "welkin up" makes this machine a node; or say where it is with --cloud.')
}

async function connectNamed (cloud: string): Promise<Connection> {
  const path = resolve(cloud)
  const kind = await kindOf(path)
  if (kind === 'socket') return await connect({ socket: path })
  const folder = kind === 'directory' && (cloud.includes(sep) || cloud.startsWith('.'))
  if (!folder && cloud.includes(sep)) {
    throw new CloudError('ENOENT', `There is neither a socket nor a data directory ${cloud}.`)
  }
  const local = folder ? await readLocalCloud(path) : await openLocalCloud(welkinHome().local, cloud)
  const found = await connectFirst(local === undefined ? [path] : local.nodes.map(({ dataDir }) => dataDir))
  if (found !== undefined) return found
  throw new CloudError('EHOSTDOWN', local === undefined
    ? `No daemon runs over ${cloud}; "welkin up --data ${cloud}" starts one.`
    : `No node of the local cloud ${local.name} is up; "welkin local start --name ${local.name} n1" starts one.`)
}

/** The data directories of this user in the order in which they are asked. */
async function dataDirs (): Promise<string[]> {
  const home = welkinHome()
  const clouds = await localClouds(home.local)
  const defaultFirst = [...clouds.filter(isDefault), ...clouds.filter(cloud => !isDefault(cloud))]
  return [home.node, home.outside, ...defaultFirst.flatMap(({ nodes }) => nodes.map(({ dataDir }) => dataDir))]
}

function isDefault ({ name }: LocalCloud): boolean {
  return name === 'default'
}

async function connectFirst (directories: readonly string[]): Promise<Connection | undefined> {
  for (const directory of directories) {
    const info = await readNodeFile(directory)
    try {
      if (info !== undefined) return await connect({ socket: info.socket })
    } catch (error) {
      if (!isCloudError(error, 'EHOSTDOWN', 'ENOENT')) throw error
    }
  }
  return undefined
}

async function kindOf (path: string): Promise<'socket' | 'directory' | 'none'> {
  try {
    const found = await stat(path)
    if (found.isSocket()) return 'socket'
    return found.isDirectory() ? 'directory' : 'none'
  } catch {
    return 'none'
  }
}
