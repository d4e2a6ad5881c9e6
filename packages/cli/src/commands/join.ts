import type { Command } from 'commander'
import { act, addCommand } from './command.ts'
import { addNodeOptions, up, type UpOptions } from './up.ts'

export function addJoin (program: Command): void {
  addNodeOptions(addCommand(program, 'join',
    'Make this machine a node of the cloud that a ticket is of, until Ctrl-C. Later, "welkin up" is enough.',
    'welkin join welkin1…', 'welkin join --zone acme/lyon/r7 --detach welkin1…')
    .argument('<ticket>', 'what "welkin invite" has printed, or - to read it from standard input'))
    .action(act<UpOptions, [string]>(join))
}

async function join (options: UpOptions, ticket: string): Promise<number> {
  return await up({ ...options, ticket: ticket === '-' ? await standardInput() : ticket })
}

async function standardInput (): Promise<string> {
  let text = ''
  for await (const piece of process.stdin.setEncoding('utf8')) text += piece as string
  return text.trim()
}
