import type { Command } from 'commander'
import type { ObjectInfo, ReplyOf } from '@welkin/syscalls'
import type { Connection } from '@welkin/syscalls/connect'
import { formatObjectState } from '../object/state.ts'
import { formatAge } from '../print/durations.ts'
import { note, print, printJson } from '../print/output.ts'
import { formatTable } from '../print/table.ts'
import { formatArgv, shorten } from '../print/words.ts'
import { actInCloud, addCloudCommand, type CommonOptions } from './command.ts'

const PROGRAM_LENGTH = 48

type Found = Pick<ReplyOf<'list'>, 'objects' | 'silent'>

interface PsOptions extends CommonOptions {
  all?: boolean
  on?: string
}

export function addPs (program: Command): void {
  addCloudCommand(program, 'ps', 'List objects.', 'welkin ps -a', 'welkin ps --on local/site1')
    .option('-a, --all', 'ended ones too')
    .option('--on <where>', 'only those on this node or in this zone')
    .action(actInCloud<PsOptions, []>(ps))
}

async function ps (cloud: Connection, options: PsOptions): Promise<void> {
  const found = await listAll(cloud, options)
  if (options.json) return await printJson(found)
  await print(formatTable(['ID', 'NAME', 'NODE', 'STATE', 'AGE', 'PROGRAM'], found.objects.map(row)))
  if (found.silent.length > 0) note(`No answer from ${found.silent.join(', ')}: objects there may be missing above.`)
}

/** All pages of the list as one. */
async function listAll (cloud: Connection, { all = false, on }: PsOptions): Promise<Found> {
  const objects: ObjectInfo[] = []
  const silent = new Set<string>()
  let after: string | undefined
  do {
    const page = await cloud.syscalls.list({ ended: all, on, after })
    objects.push(...page.objects)
    for (const node of page.silent) silent.add(node)
    after = page.next
  } while (after !== undefined)
  return { objects, silent: [...silent] }
}

function row (object: ObjectInfo): string[] {
  const { id, name = '', nodeName, spawnedAtMs, spec } = object
  return [
    id.slice(0, 12), name, nodeName, formatObjectState(object), formatAge(Date.now() - spawnedAtMs),
    shorten(formatArgv(spec.program.argv), PROGRAM_LENGTH)
  ]
}
