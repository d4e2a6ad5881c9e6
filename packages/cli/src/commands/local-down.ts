import type { Command } from 'commander'
import { openLocalCloud, takeDown, welkinHome } from '@welkin/local-cloud'
import { print, printJson } from '../print/output.ts'
import { act, addCommand, type CommonOptions } from './command.ts'

export function addLocalDown (local: Command): void {
  addCommand(local, 'down', 'End a local cloud with all that it runs, and remove all that it kept.',
    'welkin local down')
    .option('--name <name>', 'which cloud', 'default')
    .action(act<CommonOptions & { name: string }, []>(async ({ json, name }) => {
      const cloud = await openLocalCloud(welkinHome().local, name)
      await takeDown(cloud)
      if (json) return await printJson({ name })
      await print(`The local cloud ${name} is down.\n`)
    }))
}
