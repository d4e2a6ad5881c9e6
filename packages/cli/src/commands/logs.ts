import type { Command } from 'commander'
import type { Connection } from '@welkin/syscalls/connect'
import { printJson, write } from '../print/output.ts'
import { actInCloud, addObjectCommand, ofObject, type CommonOptions } from './command.ts'
import { byteCount } from './values.ts'

interface LogsOptions extends CommonOptions {
  follow?: boolean
  tail?: number
}

export function addLogs (program: Command): void {
  addObjectCommand(program, 'logs',
    'Print what an object has written. Its standard output and standard error go each to ours.',
    'welkin logs -f greet', 'welkin logs --tail 4K greet')
    .option('-f, --follow', 'go on until it has ended')
    .option('--tail <bytes>', 'only the last so many bytes of each stream', byteCount)
    .action(actInCloud<LogsOptions, [string]>(async (cloud, options, id) => {
      await ofObject(cloud, id, () => logs(cloud, options, id))
    }))
}

async function logs (cloud: Connection, { follow = false, json, tail }: LogsOptions, id: string): Promise<void> {
  for await (const chunk of cloud.syscalls.logs({ id, follow, tailBytes: tail })) {
    if (json) await printJson(chunk)
    else await write(process[chunk.stream], chunk.bytes)
  }
}
