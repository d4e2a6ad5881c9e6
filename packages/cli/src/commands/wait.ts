import type { Command } from 'commander'
import { describeExit, explainExit, exitStatus } from '../object/exit-status.ts'
import { note, print, printJson } from '../print/output.ts'
import { actInCloud, addObjectCommand, ofObject } from './command.ts'

export function addWait (program: Command): void {
  addObjectCommand(program, 'wait',
    'Wait until an object has ended for good. The exit status is that of its program, as with the shell\'s own wait.',
    'welkin wait greet')
    .action(actInCloud<object, [string]>(async (cloud, { json }, id) => {
      const ended = await ofObject(cloud, id, () => cloud.syscalls.wait({ id }))
      const explanation = explainExit(ended.exit)
      if (json) await printJson(ended)
      else await print(`${describeExit(ended.exit)}\n`)
      if (explanation !== undefined) note(`welkin: ${id}: ${explanation}`)
      return exitStatus(ended.exit)
    }))
}
