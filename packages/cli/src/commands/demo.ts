import type { Command } from 'commander'
import { inLocalCloud, welkinHome, type LocalCloudShape } from '@welkin/local-cloud'
import { DEFAULT_FOLDER, demonstrate, findWork } from '../demo/demo.ts'
import { formatReport } from '../demo/report.ts'
import { Interruption } from '../interruption.ts'
import { note, print, printJson } from '../print/output.ts'
import { act, addCommand, type CommonOptions } from './command.ts'
import { announceStarted } from './local-up.ts'
import { wholeNumber } from './values.ts'

export interface DemoOptions extends CommonOptions {
  folder: string
  nodes: number
}

export function addDemo (program: Command): void {
  addDemoOptions(addCommand(program, 'demo',
    'Hash every file of a folder in a local cloud, and compare. One process alone hashes them again; all is taken ' +
    'down; the exit status is 0 only if the hashes agree.', 'welkin demo --folder ~/Documents'))
    .action(act<DemoOptions, []>(demo))
}

/** The options that `start` and `demo` share. */
export function addDemoOptions (command: Command): Command {
  return command
    .option('--folder <dir>', 'the folder whose files are hashed', DEFAULT_FOLDER)
    .option('--nodes <n>', 'how many daemons', wholeNumber(1, 100), 5)
}

/** The shape of the cloud in which the demonstration takes place. */
export function demoShape (name: string, nodes: number): LocalCloudShape {
  return { name, nodes, sites: 2, racks: 2 }
}

async function demo ({ folder, json, nodes }: DemoOptions): Promise<number> {
  using interruption = new Interruption()
  const { signal } = interruption
  const work = await findWork(folder)
  const shape = demoShape(`demo-${process.pid}`, nodes)
  const report = await inLocalCloud(welkinHome().local, shape, announceStarted, { signal },
    async (_cloud, connection) => await demonstrate(connection, work, { signal }))
  if (json) await printJson(report)
  else await print(formatReport(report))
  if (!json) note('All is taken down.')
  return report.agreed ? 0 : 1
}
