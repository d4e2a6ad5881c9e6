import type { Command } from 'commander'
import { freeName, inLocalCloud, liveDaemon, welkinHome } from '@welkin/local-cloud'
import { demonstrate, findWork } from '../demo/demo.ts'
import { formatReport } from '../demo/report.ts'
import { Interruption } from '../interruption.ts'
import { note, print, printJson } from '../print/output.ts'
import { act, addCommand } from './command.ts'
import { addDemoOptions, demoShape, type DemoOptions } from './demo.ts'
import { announceStarted } from './local-up.ts'

export function addStart (program: Command): void {
  addDemoOptions(addCommand(program, 'start',
    'Start a local cloud for a first look. It hashes every file of a folder, compares with one process alone, and ' +
    'stays up until Ctrl-C, which leaves nothing behind.', 'welkin start'))
    .action(act<DemoOptions, []>(start))
}

async function start ({ folder, json, nodes }: DemoOptions): Promise<number> {
  using interruption = new Interruption()
  const { signal } = interruption
  const work = await findWork(folder)
  const { local } = welkinHome()
  const name = await freeName(local, 'default', 'start')
  const shape = demoShape(name, nodes)
  return await inLocalCloud(local, shape, announceStarted, { signal }, async (_cloud, connection) => {
    const report = await demonstrate(connection, work, { signal })
    if (json) await printJson(report)
    else await print(formatReport(report))
    if (!json) note(await hints(name))
    await interruption.wait()
    if (!json) note('Taking it down …')
    return report.agreed ? 0 : 1
  })
}

/** What to type next in another terminal. */
async function hints (name: string): Promise<string> {
  const welkin = process.env['npm_command'] === undefined ? 'welkin' : 'npx welkin'
  const foundFirst = name === 'default' && await liveDaemon(welkinHome().node) === undefined
  const where = foundFirst ? '' : ` --cloud ${name}`
  const named = name === 'default' ? '' : ` --name ${name}`
  return [
    '',
    'The cloud stays up until Ctrl-C, which leaves nothing behind. In another terminal:',
    `  ${welkin} nodes${where}`,
    `  ${welkin} ps -a${where}`,
    `  ${welkin} run${where} -- hostname`,
    `  ${welkin} local kill n3${named}`,
    `  ${welkin} local start n3${named}`
  ].join('\n')
}
