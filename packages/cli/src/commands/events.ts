import type { Command } from 'commander'
import type { ReplyOf } from '@welkin/syscalls'
import type { Connection } from '@welkin/syscalls/connect'
import { NodeDirectory } from '../node/directory.ts'
import { print, printJson } from '../print/output.ts'
import { paint, type Format } from '../print/paint.ts'
import { formatArgv, onOneLine } from '../print/words.ts'
import { actInCloud, addCloudCommand, type CommonOptions } from './command.ts'
import { collected, zone } from './values.ts'

type CloudEvent = ReplyOf<'events'>

/** What is news, good or bad; nodes of later versions may tell of more. */
const COLOURS = new Map<string, Format>([
  ['nodeStarted', 'green'], ['nodeJoined', 'green'], ['nodeReturned', 'green'],
  ['nodeSuspected', 'yellow'], ['nodeLeft', 'yellow'], ['objectRestarted', 'yellow'],
  ['callRefused', 'red'], ['accessRevoked', 'yellow'], ['nodeAdmitted', 'green'],
  ['nodeDown', 'red'], ['zoneDown', 'red']
])

const AUDIT_TYPES = ['callRefused', 'callAudited', 'nodeAdmitted', 'accessRevoked']

interface EventsOptions extends CommonOptions {
  follow?: boolean
  type?: string[]
  audit?: boolean
  node?: string
  zone?: string
}

export function addEvents (program: Command): void {
  addCloudCommand(program, 'events',
    'Tell what has happened lately in the cloud. Each line has the time, the node that tells, and of what.',
    'welkin events -f', 'welkin events --type nodeDown --type zoneDown --zone acme/lyon')
    .option('-f, --follow', 'go on telling until Ctrl-C')
    .option('--type <type>', 'only events of this type (repeatable)', collected)
    .option('--audit', 'only who was let in, refused, or did what is kept on record')
    .option('--node <node>', 'only what this node tells, and what is told of it')
    .option('--zone <zone>', 'only what nodes in this zone tell, and what is told of them', zone)
    .action(actInCloud<EventsOptions, []>(events))
}

async function events (cloud: Connection, options: EventsOptions): Promise<void> {
  const { audit = false, follow = false, json, node, zone: within } = options
  const type = options.type ?? (audit ? AUDIT_TYPES : undefined)
  const directory = new NodeDirectory((await cloud.syscalls.nodes({})).nodes)
  const wanted = { node: node === undefined ? undefined : directory.find(node), zone: within }
  for await (const event of cloud.syscalls.events({ follow, types: type })) {
    directory.learn(event)
    if (!directory.concerns(event, wanted)) continue
    if (json) await printJson(event)
    else await print(`${formatEvent(event, directory)}\n`)
  }
}

/** `2026-11-26T01:10:31.207Z n5 nodeDown about=n3 zone=local/site1/rack2` */
export function formatEvent ({ type, node, atMs, fields }: CloudEvent, directory: NodeDirectory): string {
  const { about } = fields
  // Who is meant stands there by name already.
  const told = typeof about === 'string' ? { ...fields, about: directory.nameOf(about), name: undefined } : fields
  const words = Object.entries(told).flatMap(([name, value]) =>
    value === undefined ? [] : formatArgv([`${name}=${value}`]))
  const colour = COLOURS.get(type)
  const what = onOneLine(type)
  return [
    paint('dim', new Date(atMs).toISOString()), onOneLine(directory.nameOf(node)),
    colour === undefined ? what : paint(colour, what), ...words
  ].join(' ')
}
