import type { Command } from 'commander'
import type { Connection } from '@welkin/syscalls/connect'
import { Interruption } from '../interruption.ts'
import { print, printJson } from '../print/output.ts'
import { formatOnce } from '../top/frame.ts'
import { Looker } from '../top/look.ts'
import { watchCloud } from '../top/top.ts'
import { FIRST_VIEW, type View } from '../top/view.ts'
import { actInCloud, addCloudCommand, type CommonOptions } from './command.ts'

/** Objects whose use is told where all are printed at once. */
const PRINTED_ROWS = 64

interface TopOptions extends CommonOptions {
  objects?: boolean
  once?: boolean
}

export function addTop (program: Command): void {
  addCloudCommand(program, 'top',
    'Watch the nodes and objects of the cloud, about once a second. Tab changes between nodes and objects; n, c, m, ' +
    'o and r order by name, CPU, memory, objects and round trip, and the other way round when pressed again; ' +
    '/ filters, q ends it. Where there is no terminal, it prints what there is once.',
    'welkin top', 'welkin top --objects')
    .option('--objects', 'begin with the objects')
    .option('--once', 'print what there is, once')
    .action(actInCloud<TopOptions, []>(top))
}

async function top (cloud: Connection, { json, objects, once }: TopOptions): Promise<void> {
  const view: View = { ...FIRST_VIEW, subject: objects ? 'objects' : 'nodes' }
  if (json) return await printJson(await new Looker(cloud.syscalls).look({ ...view, subject: 'objects' }, PRINTED_ROWS))
  const { stdin: input, stdout: output } = process
  if (once || !input.isTTY || !output.isTTY || process.env['TERM'] === 'dumb') {
    return await print(formatOnce(await new Looker(cloud.syscalls).look(view, PRINTED_ROWS), view))
  }
  using interruption = new Interruption()
  await watchCloud(cloud, { input, output }, view, interruption)
}
