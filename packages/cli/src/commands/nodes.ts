import type { Command } from 'commander'
import type { ReplyOf } from '@welkin/syscalls'
import { formatAge } from '../print/durations.ts'
import { print, printJson } from '../print/output.ts'
import { paint } from '../print/paint.ts'
import { formatSize } from '../print/sizes.ts'
import { formatTable, type Column } from '../print/table.ts'
import { formatNumber } from '../print/words.ts'
import { actInCloud, addCloudCommand } from './command.ts'

type NodeView = ReplyOf<'nodes'>['nodes'][number]

const COLUMNS: Column[] = [
  'NAME', 'ZONE', 'STATE', 'HEARD', { title: 'OBJECTS', numbers: true }, { title: 'CPU', numbers: true },
  { title: 'MEMORY FREE', numbers: true }, 'MACHINE', 'ID'
]

export function addNodes (program: Command): void {
  addCloudCommand(program, 'nodes', 'List the nodes of the cloud, with what they have.', 'welkin nodes')
    .action(actInCloud(async (cloud, { json }) => {
      const reply = await cloud.syscalls.nodes({})
      if (json) return await printJson(reply)
      await print(formatTable(COLUMNS, reply.nodes.toSorted(byName).map(row)))
    }))
}

function row ({ id, name, zone, state, ageMs, machine, load }: NodeView): string[] {
  return [
    name, zone, paint(state === 'up' ? 'green' : 'red', state), `${formatAge(ageMs)} ago`,
    formatNumber(load.objects), `${load.cpuPromised}/${machine.cpuCount}`,
    `${formatSize(load.memoryFreeBytes)} of ${formatSize(machine.memoryBytes)}`, `${machine.os}/${machine.arch}`, id
  ]
}

function byName (one: NodeView, other: NodeView): number {
  return one.name.localeCompare(other.name, 'en', { numeric: true })
}
