import type { Command } from 'commander'
import type { Connection } from '@welkin/syscalls/connect'
import { tryToGoOn } from '../object/try-to-go-on.ts'
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

async function logs (cloud: Connection, { follow = false, json, tail }: LogsOptions, ref: string): Promise<void> {
  // Should it have to ask again, that is not to be about another of this name.
  const { id } = follow ? await cloud.syscalls.stat({ id: ref }) : { id: ref }
  const from = { stdout: 0, stderr: 0 }
  const read = async (onProgress = (): void => {}): Promise<void> => {
    for await (const chunk of cloud.syscalls.logs({ id, from, follow, tailBytes: tail })) {
      onProgress()
      from[chunk.stream] = chunk.offset + chunk.bytes.length
      if (json) await printJson(chunk)
      else await write(process[chunk.stream], chunk.bytes)
    }
  }
  // Of the last bytes alone nobody knows which they were.
  await (follow && tail === undefined ? tryToGoOn(cloud, read) : read())
}
