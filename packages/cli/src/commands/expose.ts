import type { Command } from 'commander'
import type { Connection } from '@welkin/syscalls/connect'
import { print, printJson } from '../print/output.ts'
import { actInCloud, addObjectCommand, ofObject, type CommonOptions } from './command.ts'
import { port } from './port-values.ts'
import { UsageError } from './usage-error.ts'
import { collected } from './values.ts'

export function addExpose (program: Command): void {
  addObjectCommand(program, 'expose',
    'Say where an object that runs can be talked to. It is found by its name then, and reached by its ports.',
    'welkin expose web http=8080', 'welkin expose web --hide http')
    .argument('[ports...]', 'NAME=PORT: a TCP port on which it listens, and what it is to be called')
    .option('--hide <name>', 'a port that is to be had no more (repeatable)', collected)
    .action(actInCloud<ExposeOptions, [string, string[]]>(expose))
}

interface ExposeOptions extends CommonOptions { hide?: string[] }

async function expose (cloud: Connection, { json, hide }: ExposeOptions, id: string, given: string[]): Promise<void> {
  const ports = given.reduce<Record<string, number>>((before, text) => readPort(text, before), {})
  const exposed = await ofObject(cloud, id, () => cloud.syscalls.expose({ id, ports, hide }))
  if (json) return await printJson(exposed)
  const lines = Object.entries(exposed.ports).map(([name, number]) =>
    number === 0 ? `${name} by system calls\n` : `${name}=${number}\n`)
  await print(lines.join(''))
}

function readPort (text: string, before: Record<string, number>): Record<string, number> {
  try {
    return port(text, before)
  } catch (error) {
    throw new UsageError(`"${text}": ${(error as Error).message}`)
  }
}
