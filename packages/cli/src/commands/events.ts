import type { Command } from 'commander'
import type { ReplyOf } from '@welkin/syscalls'
import type { Connection } from '@welkin/syscalls/connect'
import { print, printJson } from '../print/output.ts'
import { formatArgv } from '../print/words.ts'
import { actInCloud, addCloudCommand, type CommonOptions } from './command.ts'
import { collected } from './values.ts'

interface EventsOptions extends CommonOptions {
  follow?: boolean
  type?: string[]
}

export function addEvents (program: Command): void {
  addCloudCommand(program, 'events', 'Tell what has happened lately in the cloud.', 'welkin events -f')
    .option('-f, --follow', 'go on telling until Ctrl-C')
    .option('--type <type>', 'only events of this type (repeatable)', collected)
    .action(actInCloud<EventsOptions, []>(events))
}

async function events (cloud: Connection, { follow = false, json, type }: EventsOptions): Promise<void> {
  const { nodes } = await cloud.syscalls.nodes({})
  const names = new Map(nodes.map(({ id, name }) => [id, name]))
  for await (const event of cloud.syscalls.events({ follow, types: type })) {
    if (json) await printJson(event)
    else await print(`${formatEvent(event, names.get(event.node) ?? event.node)}\n`)
  }
}

function formatEvent ({ type, atMs, fields }: ReplyOf<'events'>, node: string): string {
  const words = Object.entries(fields).map(([name, value]) => formatArgv([`${name}=${value}`]))
  return [new Date(atMs).toISOString(), node, type, ...words].join(' ')
}
