import type { Command } from 'commander'
import { liveDaemon, localClouds, welkinHome, type LocalCloud } from '@welkin/local-cloud'
import { print, printJson } from '../print/output.ts'
import { paint } from '../print/paint.ts'
import { formatTable } from '../print/table.ts'
import { act, addCommand } from './command.ts'

interface NodeState {
  cloud: string
  node: string
  zone: string
  state: 'up' | 'down'
  pid?: number
  addresses?: readonly string[]
  http?: string | null
  dns?: string | null
  proxy?: string | null
  dataDir: string
}

export function addLocalLs (local: Command): void {
  addCommand(local, 'ls', 'List the nodes of all local clouds, and where they serve what.', 'welkin local ls')
    .action(act(async ({ json }) => {
      const clouds = await localClouds(welkinHome().local)
      const states = (await Promise.all(clouds.map(nodeStates))).flat()
      if (json) return await printJson({ nodes: states })
      await print(formatTable(['CLOUD', 'NODE', 'ZONE', 'PID', 'STATE', 'DNS', 'PROXY', 'ADDRESS'], states.map(row)))
    }))
}

async function nodeStates ({ name: cloud, nodes }: LocalCloud): Promise<NodeState[]> {
  return await Promise.all(nodes.map(async ({ name: node, zone, dataDir }) => {
    const info = await liveDaemon(dataDir)
    const known = { cloud, node, zone, dataDir }
    if (info === undefined) return { ...known, state: 'down' }
    const { addresses, dns, http, pid, proxy } = info
    return { ...known, state: 'up', pid, addresses, http, dns, proxy }
  }))
}

function row ({ cloud, node, zone, pid, state, dns, proxy, addresses }: NodeState): string[] {
  const painted = paint(state === 'up' ? 'green' : 'red', state)
  return [cloud, node, zone, pid?.toString() ?? '-', painted, dns ?? '-', proxy ?? '-', addresses?.[0] ?? '-']
}
