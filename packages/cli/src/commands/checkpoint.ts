import type { Command } from 'commander'
import { note, print, printJson } from '../print/output.ts'
import { formatSize } from '../print/sizes.ts'
import { actInCloud, addCloudCommand, addObjectCommand, ofObject, type CommonOptions } from './command.ts'
import { collected } from './values.ts'

export function addCheckpoint (program: Command): void {
  addObjectCommand(program, 'checkpoint',
    'Keep the state of an object at this moment as blobs, while it runs on, and print by which hash it is found.',
    'welkin checkpoint crunch')
    .action(actInCloud<object, [string]>(async (cloud, { json }, id) => {
      const taken = await ofObject(cloud, id, () => cloud.syscalls.checkpoint({ id }))
      if (json) return await printJson(taken)
      note(`welkin: ${formatSize(taken.bytes)}, of which ${formatSize(taken.fresh)} are new`)
      await print(`${taken.checkpoint}\n`)
    }))
}

interface RestoreOptions extends CommonOptions {
  on?: string
  near?: string[]
  awayFrom?: string[]
  name?: string
}

export function addRestore (program: Command): void {
  addCloudCommand(program, 'restore',
    'Start a new object that goes on from a checkpoint, and print its id. That of which it was taken is left alone.',
    'welkin restore e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 --on n3')
    .argument('<checkpoint>', 'what "welkin checkpoint" has printed')
    .option('--on <where>', 'a node or a zone, or a query')
    .option('--near <place>', 'as near to a node, an object or a zone as can be (repeatable)', collected)
    .option('--away-from <place>', 'to no node of this name or zone (repeatable)', collected)
    .option('--name <name>', 'its name, a DNS label')
    .action(actInCloud<RestoreOptions, [string]>(async (cloud, { json, on, near, awayFrom, name }, checkpoint) => {
      const restored = await cloud.syscalls.restore({ checkpoint, to: on, near, awayFrom, name })
      if (json) return await printJson(restored)
      await print(`${restored.id}\n`)
    }))
}
