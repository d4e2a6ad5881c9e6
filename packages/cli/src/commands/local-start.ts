import type { Command } from 'commander'
import { openLocalCloud, restartNode, welkinHome } from '@welkin/local-cloud'
import { print, printJson } from '../print/output.ts'
import { act, addCommand, type CommonOptions } from './command.ts'

export function addLocalStart (local: Command): void {
  addCommand(local, 'start', 'Start a node that is down over the data it had; it finds again what it runs.',
    'welkin local start n3')
    .argument('<node>', 'its name')
    .option('--name <name>', 'of which cloud', 'default')
    .action(act<CommonOptions & { name: string }, [string]>(async ({ json, name }, node) => {
      const info = await restartNode(await openLocalCloud(welkinHome().local, name), node)
      if (json) return await printJson(info)
      await print(`${node} (process ${info.pid}) is up at ${info.addresses.join(' ')}\n`)
    }))
}
