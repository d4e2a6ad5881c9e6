import type { Command } from 'commander'
import { describeMoved } from '../object/moves.ts'
import { note, print, printJson } from '../print/output.ts'
import { actInCloud, addCloudCommand, type CommonOptions } from './command.ts'
import { addCopyOptions, copyingOf, type CopyOptions } from './mv.ts'

export function addDrain (program: Command): void {
  const command = addCloudCommand(program, 'drain',
    'Move away from a node whatever can be moved, so that it can be stopped; say what stays, and why. The exit ' +
    'status is 1 when something stays.',
    'welkin drain n3', 'welkin drain --restart-elsewhere n3 && welkin leave')
    .argument('<node>', 'its id, the beginning of it, or its name')
  addCopyOptions(command).action(actInCloud<CommonOptions & CopyOptions, [string]>(async (cloud, options, node) => {
    let stays = 0
    for await (const item of cloud.syscalls.drain(copyingOf(options), { node })) {
      if (item.kind === 'stays') stays++
      if (options.json) await printJson(item)
      else if (item.kind === 'moved') await print(`${describeMoved(item)}\n`)
      else note(`welkin: ${item.id.slice(0, 12)} stays: ${item.why}`)
    }
    return stays === 0 ? 0 : 1
  }))
}
