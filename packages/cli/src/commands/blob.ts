import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { Connection } from '@welkin/syscalls/connect'
import { fetchBlob, putFile } from '../object/files.ts'
import { print, printJson, write } from '../print/output.ts'
import { actInCloud, addCloudCommand, type CommonOptions } from './command.ts'

export function addBlob (program: Command): void {
  const blob = program.command('blob').description('Immutable bytes, found by their SHA-256.')
  addCloudCommand(blob, 'put', 'Keep a file on the asked node, and print by which hash it is found.',
    'welkin blob put data.csv', 'tar -c . | welkin blob put -')
    .argument('<file>', 'a file, or - for standard input')
    .action(actInCloud<object, [string]>(async (cloud, { json }, file) => {
      const kept = await (file === '-' ? cloud.syscalls.blob.put({}, { input: process.stdin }) : putFile(cloud, file))
      if (json) return await printJson(kept)
      await print(`${kept.blob}\n`)
    }))
  addCloudCommand(blob, 'get', 'Print a blob, or write it to a file, from whichever node has it.',
    'welkin blob get e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 data.csv')
    .argument('<blob>', 'its hash: 64 hexadecimal digits')
    .argument('[file]', 'where to write it; left out: standard output')
    .action(actInCloud<object, [string, string | undefined]>(get))
}

async function get (cloud: Connection, { json }: CommonOptions, blob: string, file: string | undefined): Promise<void> {
  if (file !== undefined) {
    await fetchBlob(cloud, blob, file)
    if (json) await printJson({ blob, file: resolve(file) })
    return
  }
  for await (const bytes of cloud.syscalls.blob.get({ blob })) {
    if (json) await printJson(bytes)
    else await write(process.stdout, bytes)
  }
}
