import type { Command } from 'commander'
import type { ReplyOf } from '@welkin/abi'
import type { Connection } from '@welkin/syscalls/connect'
import { describeCost, describeMoved, nameNodes } from '../object/moves.ts'
import { note, print, printJson } from '../print/output.ts'
import { actInCloud, addCloudCommand, type CommonOptions } from './command.ts'
import { UsageError } from './usage-error.ts'
import { collected, wholeNumber } from './values.ts'

/** How objects are copied; shared with `drain`. */
export interface CopyOptions {
  rounds: number
  downTime: number
  giveUp?: boolean
  restartElsewhere?: boolean
}

interface MoveOptions extends CommonOptions, CopyOptions {
  near?: string[]
  awayFrom?: string[]
  where?: string
  explain?: boolean
}

export function addMv (program: Command): void {
  const command = addCloudCommand(program, 'mv',
    'Move objects while they run, all or none. They keep their ids, names, mail and output; calls and readers follow ' +
    'them. What comes last is where to, unless --near, --away-from or --where says it.',
    'welkin mv crunch node7',
    'welkin mv web.0 web.1 local/site2',
    'welkin mv crunch --near n3',
    'welkin mv --explain crunch node7')
    .argument('<ids...>', 'objects, and where to: a node or a zone')
    .option('--near <place>', 'as near to a node, an object or a zone as can be (repeatable)', collected)
    .option('--away-from <place>', 'to no node of this name or zone (repeatable)', collected)
    .option('--where <query>', 'what its node must meet, e.g. \'memory.free > 2G\'; see welkin find')
    .option('--explain', 'say what it would cost, and move nothing')
  addCopyOptions(command).action(actInCloud<MoveOptions, [string[]]>(move))
}

/** Options that `copyingOf` reads. */
export function addCopyOptions (command: Command): Command {
  return command
    .option('--rounds <n>', 'copies of what has changed, at the most, while it runs on', wholeNumber(1, 100), 10)
    .option('--down-time <ms>', 'stop it when the last copy will take no longer, and another would not halve that',
      wholeNumber(1, 600_000), 300)
    .option('--give-up', 'give up what writes faster than can be copied, rather than stop it for longer')
    .option('--restart-elsewhere', 'end what cannot move with its state, and start it there anew')
}

export function copyingOf ({ rounds, downTime, giveUp = false, restartElsewhere = false }: CopyOptions) {
  return { roundsMax: rounds, downMsMax: downTime, giveUp, restart: restartElsewhere }
}

async function move (cloud: Connection, options: MoveOptions, given: string[]): Promise<number> {
  const { near, awayFrom, where, explain = false, json } = options
  const saysWhere = near !== undefined || awayFrom !== undefined || where !== undefined
  const to = saysWhere || given.length === 1 ? where : given.at(-1)
  const ids = saysWhere || given.length === 1 ? given : given.slice(0, -1)
  if (ids.length === 0) throw new UsageError('Say which objects: welkin mv ID... WHERE.')
  const nameOf = json ? String : await nameNodes(cloud.syscalls)
  let count = 0
  for await (const item of cloud.syscalls.migrate({ ids, to, near, awayFrom, explain, ...copyingOf(options) })) {
    if (item.kind !== 'progress') count++
    if (json) await printJson(item)
    else await tell(item, nameOf)
  }
  if (count === 0 && !json) note(`welkin: ${ids.length === 1 ? 'it is' : 'they are'} there already`)
  return 0
}

async function tell (item: ReplyOf<'migrate'>, nameOf: (node: string) => string): Promise<void> {
  if (item.kind === 'plan') await print(`${describeCost(item, nameOf)}\n`)
  else if (item.kind === 'moved') await print(`${describeMoved(item, nameOf)}\n`)
  else if (process.stderr.isTTY) note(`${item.id.slice(0, 12)} ${item.phase} ${item.round ?? ''}`)
}
