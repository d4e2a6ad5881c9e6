import type { Command } from 'commander'
import { print, printJson } from '../print/output.ts'
import { actInCloud, addObjectCommand, ofObject } from './command.ts'

export function addRm (program: Command): void {
  addObjectCommand(program, 'rm', 'Forget an ended object with all that it wrote.', 'welkin rm greet')
    .action(actInCloud<object, [string]>(async (cloud, { json }, id) => {
      const removed = await ofObject(cloud, id, () => cloud.syscalls.remove({ id }))
      if (json) return await printJson(removed)
      await print(`${removed.id}\n`)
    }))
}
