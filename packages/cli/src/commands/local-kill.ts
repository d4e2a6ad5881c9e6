import type { Command } from 'commander'
import { killNode, openLocalCloud, welkinHome } from '@welkin/local-cloud'
import { print, printJson } from '../print/output.ts'
import { act, addCommand, type CommonOptions } from './command.ts'

export function addLocalKill (local: Command): void {
  addCommand(local, 'kill', 'End the daemon of a node at once (SIGKILL); what it runs goes on.', 'welkin local kill n3')
    .argument('<node>', 'its name')
    .option('--name <name>', 'of which cloud', 'default')
    .action(act<CommonOptions & { name: string }, [string]>(async ({ json, name }, node) => {
      const { pid } = await killNode(await openLocalCloud(welkinHome().local, name), node)
      if (json) return await printJson({ node, pid })
      await print(`${node} (process ${pid}) is down.\n`)
    }))
}
