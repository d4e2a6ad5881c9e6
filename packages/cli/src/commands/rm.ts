import type { Command } from 'commander'
import { print, printJson } from '../print/output.ts'
import { actInCloud, addCloudCommand, ofObject } from './command.ts'

export function addRm (program: Command): void {
  addCloudCommand(program, 'rm', 'Forget an ended object with all that it wrote.', 'welkin rm greet')
    .argument('<id>', 'its id, the beginning of it, or its name')
    .action(actInCloud<object, [string]>(async (cloud, { json }, id) => {
      const removed = await ofObject(cloud, id, () => cloud.syscalls.remove({ id }))
      if (json) return await printJson(removed)
      await print(`${removed.id}\n`)
    }))
}
