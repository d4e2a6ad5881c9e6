import { Option, type Command } from 'commander'
import type { ArgsOf } from '@welkin/abi'
import { createNaming, type Naming } from '@welkin/naming'
import { createNodeClock } from '@welkin/platform-node/clock'
import type { Connection } from '@welkin/syscalls/connect'
import {
  ENDPOINT_COLUMNS, endpointCells, formatNews, NAME_COLUMNS, nameRows, type NameView
} from '../name/rows.ts'
import { NodeDirectory } from '../node/directory.ts'
import { note, print, printJson } from '../print/output.ts'
import { formatTable } from '../print/table.ts'
import { onOneLine } from '../print/words.ts'
import { actInCloud, addCloudCommand, type CommonOptions } from './command.ts'
import { UsageError } from './usage-error.ts'
import { longSpan, namedPort } from './values.ts'

interface TargetOptions extends CommonOptions {
  node?: string
  blob?: string
  alias?: string
}

interface BindOptions extends TargetOptions {
  port?: Record<string, number>
  rule?: 'both' | 'latest' | 'first'
  ttl?: number
  keep?: number
}

type Target = ArgsOf<'name.bind'>['to']

export function addName (program: Command): void {
  const name = program.command('name').description('Names: what they stand for, wherever that is.')
  addTarget(addCloudCommand(name, 'bind',
    'Let a name stand for an object, a node, a blob or another name. Left short, it is in your own domain.',
    'welkin name bind web greet --port http=8080', 'welkin name bind www.acme --alias web.alice.acme')
    .argument('<name>', 'letters, digits and hyphens, joined by dots: web.alice.acme')
    .argument('[object]', 'its id, the beginning of it, or its name'))
    .option('--port <name=number>', 'where it listens, e.g. http=8080 (repeatable)', namedPort)
    .addOption(new Option('--rule <which>', 'which of several hold: all, that bound last, or first (default: latest)')
      .choices(['both', 'latest', 'first']))
    .addOption(new Option('--ttl <time>', 'for so long others may remember it (default: 10s)').argParser(longSpan))
    .addOption(new Option('--keep <time>', 'it lasts so long when its node is gone (default: 1d)').argParser(longSpan))
    .action(actInCloud<BindOptions, [string, string | undefined]>(bind))
  addTarget(addCloudCommand(name, 'unbind', 'Take back what a name stands for: all of it, or one of several.',
    'welkin name unbind web', 'welkin name unbind web greet')
    .argument('<name>')
    .argument('[object]', 'only this one'))
    .action(actInCloud<TargetOptions, [string, string | undefined]>(unbind))
  addCloudCommand(name, 'resolve',
    'Say what a name stands for, nearest to the asked node first. Aliases are followed; what is down is left out.',
    'welkin name resolve web.alice.acme', 'welkin name resolve n1.node.acme')
    .argument('<name>')
    .action(actInCloud<CommonOptions, [string]>(resolve))
  addCloudCommand(name, 'ls', 'List the names that were bound in a domain, or in all of the cloud.',
    'welkin name ls', 'welkin name ls alice.acme')
    .argument('[domain]')
    .action(actInCloud<CommonOptions, [string | undefined]>(list))
  addCloudCommand(name, 'watch', 'Say what names stand for, and again whenever that changes, until Ctrl-C.',
    'welkin name watch web.alice.acme')
    .argument('<name...>')
    .action(actInCloud<CommonOptions, [string[]]>(watch))
}

function addTarget (command: Command): Command {
  return command
    .option('--node <node>', 'a node, by its name or id')
    .option('--blob <hash>', 'a blob')
    .option('--alias <name>', 'another name')
}

/** For one question: what it has heard is of no use to anybody afterwards. */
function namingOf ({ syscalls }: Connection): Naming {
  return createNaming({ syscalls, clock: createNodeClock() }, { watched: false })
}

/** What is meant; undefined: nothing was said. */
function targetOf ({ node, blob, alias }: TargetOptions, object: string | undefined): Target | undefined {
  const targets: Target[] = [
    ...object === undefined ? [] : [{ object }], ...node === undefined ? [] : [{ node }],
    ...blob === undefined ? [] : [{ blob }], ...alias === undefined ? [] : [{ alias }]
  ]
  if (targets.length > 1) throw new UsageError('Say one thing only: an object, or --node, or --blob, or --alias.')
  return targets[0]
}

async function bind (
  cloud: Connection, { json, port, rule, ttl, keep, ...target }: BindOptions, name: string, object: string | undefined
): Promise<void> {
  const to = targetOf(target, object)
  if (to === undefined) throw new UsageError('Say what it stands for: an object, or --node, --blob or --alias.')
  const bound = await namingOf(cloud).bind({ name, to, ports: port, rule, ttlMs: ttl, keepMs: keep })
  if (json) return await printJson(bound)
  await print(`${bound.name} is bound, and kept by ${bound.holders} node${bound.holders === 1 ? '' : 's'}\n`)
}

async function unbind (
  cloud: Connection, { json, ...target }: TargetOptions, name: string, object: string | undefined
): Promise<void> {
  const unbound = await namingOf(cloud).unbind({ name, to: targetOf(target, object) })
  if (json) return await printJson(unbound)
  await print(`${unbound.name} has lost ${unbound.removed} of what it stood for\n`)
}

async function resolve (cloud: Connection, { json }: CommonOptions, name: string): Promise<void> {
  const found = await namingOf(cloud).resolve(name)
  if (json) return await printJson(found)
  await print(formatTable(ENDPOINT_COLUMNS, found.endpoints.map(endpointCells)))
  if (!`${found.name}.welkin.`.startsWith(name.toLowerCase())) note(`It is ${found.name} now.`)
}

async function list (cloud: Connection, { json }: CommonOptions, under: string | undefined): Promise<void> {
  const [{ names, silent }, directory] = await Promise.all([namingOf(cloud).list({ under }), directoryOf(cloud)])
  if (json) return await printJson({ names, silent })
  await print(formatTable(NAME_COLUMNS, names.flatMap(record => nameRows(record, directory))))
  if (silent.length > 0) note(`No answer from ${onOneLine(silent.join(', '))}; names may be missing here.`)
}

async function watch (cloud: Connection, { json }: CommonOptions, names: string[]): Promise<void> {
  const directory = await directoryOf(cloud)
  for await (const news of namingOf(cloud).watch(names)) {
    if (json) await printJson(news)
    else await print(`${new Date().toISOString()} ${formatNews(news satisfies NameView, directory)}\n`)
  }
}

async function directoryOf ({ syscalls }: Connection): Promise<NodeDirectory> {
  return new NodeDirectory((await syscalls.nodes({})).nodes)
}
