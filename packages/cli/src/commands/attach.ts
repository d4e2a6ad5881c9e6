import type { Command } from 'commander'
import type { Connection } from '@welkin/syscalls/connect'
import { explainExit, exitStatus } from '../object/exit-status.ts'
import { follow } from '../object/follow.ts'
import { jsonSink, plainSink } from '../object/sinks.ts'
import { closeInput, standardInput } from '../object/standard-input.ts'
import { note } from '../print/output.ts'
import { actInCloud, addObjectCommand, ofObject, type CommonOptions } from './command.ts'

export function addAttach (program: Command): void {
  addObjectCommand(program, 'attach',
    'Join an object\'s standard streams until it has ended. The exit status is that of its program. Our standard ' +
    'input goes to it where it was run with --input. Ctrl-C leaves it running.',
    'welkin attach greet')
    .action(actInCloud<object, [string]>(attach))
}

async function attach (cloud: Connection, { json }: CommonOptions, ref: string): Promise<number> {
  const { id, spec } = await ofObject(cloud, ref, () => cloud.syscalls.stat({ id: ref }))
  const takesInput = spec.program.input
  const sink = json ? jsonSink(id) : plainSink()
  try {
    const input = takesInput ? standardInput() : undefined
    const exit = await follow(cloud, id, { from: 'now', onOutput: sink.take, input })
    await sink.end(exit)
    const explanation = explainExit(exit)
    if (explanation !== undefined) note(`welkin: ${ref}: ${explanation}`)
    return exitStatus(exit)
  } finally {
    if (takesInput) closeInput()
  }
}
