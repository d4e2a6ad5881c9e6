import type { Command } from 'commander'
import { describeExit } from '../object/exit-status.ts'
import { print, printJson } from '../print/output.ts'
import { actInCloud, addObjectCommand, ofObject, type CommonOptions } from './command.ts'
import { seconds } from './values.ts'

export function addKill (program: Command): void {
  addObjectCommand(program, 'kill', 'End an object with all its processes. They are asked first, then forced.',
    'welkin kill greet', 'welkin kill --grace 0 3f2a')
    .option('--grace <seconds>', 'how long it may take before it is forced', seconds, 5)
    .action(actInCloud<CommonOptions & { grace: number }, [string]>(async (cloud, { json, grace }, id) => {
      const killed = await ofObject(cloud, id, () => cloud.syscalls.kill({ id, graceMs: Math.round(grace * 1000) }))
      if (json) return await printJson(killed)
      await print(`${describeExit(killed.exit)}\n`)
    }))
}
