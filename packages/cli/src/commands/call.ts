import type { Command } from 'commander'
import { callManual, fromJson, rowOf, TABLE } from '@welkin/abi'
import { CloudError, didYouMean } from '@welkin/interface'
import { invoke } from '@welkin/syscalls'
import type { Connection } from '@welkin/syscalls/connect'
import { print, printJson } from '../print/output.ts'
import { act, addCloudCommand, actInCloud, type CommonOptions } from './command.ts'

interface CallOptions extends CommonOptions {
  node?: string
  help?: boolean
}

export function addCall (program: Command): void {
  const call = addCloudCommand(program, 'call',
    'Make a system call by its name. The reply is JSON, one item a line where it streams; bytes are base64, also in ' +
    'the arguments. A call that takes bytes reads them from standard input.',
    'welkin call list \'{"ended":true}\'', 'welkin call spawn --help', 'welkin call blob.put < data.csv')
    .argument('[name]', 'its name in the table')
    .argument('[arguments]', 'a JSON object', '{}')
    .option('--node <id>', 'which node shall answer, by id')
    .helpOption(false)
    .option('-h, --help', 'this help; after a name, that call\'s own')
    .addHelpText('after', () => `\nSystem calls:\n${listCalls()}`)
  call.action(async function (this: Command, name: string | undefined) {
    const { help } = this.opts<CallOptions>()
    if (name === undefined && !help) this.error('error: missing required argument \'name\'')
    if (name === undefined) this.outputHelp()
    else if (help) await act(async () => { await print(`${manualOf(name)}\n`) }).call(this)
    else await actInCloud<CallOptions, [string, string]>(makeCall).call(this)
  })
}

async function makeCall (cloud: Connection, { node }: CallOptions, name: string, text: string): Promise<void> {
  const row = rowOf(name)
  if (row === undefined) throw noSuchCall(name)
  const input = row.input !== undefined && !row.streams ? process.stdin : undefined
  const args = fromJson(row.request, parseArguments(text))
  const reply = invoke(cloud.link, cloud.options, name, args, { node, input })
  if (!(Symbol.asyncIterator in reply)) return await printJson(await reply)
  for await (const item of reply) await printJson(item)
}

function manualOf (name: string): string {
  const manual = callManual(name)
  if (manual === undefined) throw noSuchCall(name)
  return manual
}

function noSuchCall (name: string): CloudError {
  const missing = `There is no system call ${name}.${didYouMean(name, Object.keys(TABLE))}`
  return new CloudError('ENOSYS', `${missing} "welkin call --help" lists them.`)
}

function parseArguments (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new CloudError('EINVAL', `The arguments are not JSON: ${(error as Error).message}.`, { cause: error })
  }
}

function listCalls (): string {
  const width = Math.max(...Object.keys(TABLE).map(name => name.length))
  return Object.entries(TABLE).map(([name, { manual }]) => `  ${name.padEnd(width)}  ${manual}`).join('\n')
}
