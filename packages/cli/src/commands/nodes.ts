import { Option, type Command } from 'commander'
import type { NodeQuery } from '@welkin/abi'
import type { Connection } from '@welkin/syscalls/connect'
import { formatNodeState, memoryUsedRatio, noteMissing, type NodeRow } from '../node/rows.ts'
import { NODE_SORTS, sortNodes, type NodeSort } from '../node/sort.ts'
import { formatAge, formatSpan } from '../print/durations.ts'
import { note, print, printJson } from '../print/output.ts'
import { formatRate, formatSize } from '../print/sizes.ts'
import { formatTable, numberColumns, type Column } from '../print/table.ts'
import { formatNumber, formatShare, onOneLine, orDash } from '../print/words.ts'
import { actInCloud, addCloudCommand, type CommonOptions } from './command.ts'
import { zone } from './values.ts'

const COLUMNS: Column[] = [
  'NAME', 'ZONE', 'STATE', ...numberColumns('RTT', 'LOAD', 'CPU', 'MEMORY', 'OBJECTS', 'AGE')
]

const WIDE_COLUMNS: Column[] = [
  ...numberColumns('PROMISED', 'LOAD AVERAGE'), 'PRESSURE CPU, MEMORY, IO', 'NETWORK IN, OUT', 'MACHINE', 'DRIVERS',
  'ID'
]

interface NodesOptions extends CommonOptions {
  sort: NodeSort
  reverse?: boolean
  zone?: string
  wide?: boolean
}

export function addNodes (program: Command): void {
  addCloudCommand(program, 'nodes',
    'List the nodes of the cloud, with what they have and how far they are. RTT is the round trip from the node that ' +
    'is asked, LOAD how full a node is of what it has least of (CPUs, memory or places for objects), AGE how long ' +
    'ago it told all this. A node that was lost several times within minutes gets nothing new until it has stayed ' +
    'for a while: it is "down, back in 30s", and what is on it can be had.',
    'welkin nodes', 'welkin nodes --sort cpu --zone acme/lyon')
    .addOption(new Option('--sort <what>', 'by what they are listed').choices([...NODE_SORTS]).default('name'))
    .option('--reverse', 'the other way round')
    .option('--zone <zone>', 'only those in this zone, e.g. local/site1', zone)
    .option('--wide', 'more columns: promises, load average, pressure, network, machine, drivers, id')
    .action(actInCloud<NodesOptions, []>(nodes))
}

async function nodes (cloud: Connection, options: NodesOptions): Promise<void> {
  const { json, reverse = false, sort, wide = false, zone: within } = options
  const query: NodeQuery = within === undefined ? {} : { where: { kind: 'zone', zones: [within] } }
  const found = await cloud.syscalls.find({ query })
  const rows = sortNodes(found.rows, sort, reverse)
  if (json) {
    const silent = found.silent.length === 0 ? {} : { silent: found.silent }
    return await printJson({ nodes: rows.map(({ node, cost }) => ({ ...node, cost })), ...silent })
  }
  const [columns, cells] = wide ? [[...COLUMNS, ...WIDE_COLUMNS], wideCells] : [COLUMNS, nodeCells]
  await print(formatTable(columns, rows.map(cells)))
  noteMissing(found)
  if (found.why !== undefined) note(found.why)
}

function nodeCells ({ node, cost }: NodeRow): string[] {
  const { ageMs, load, machine, name, zone: place } = node
  return [
    onOneLine(name), place, formatNodeState(node), orDash(cost.rttMs, formatSpan), formatShare(cost.load),
    `${orDash(load.cpuBusyRatio, formatShare)} of ${formatNumber(machine.cpuCount)}`,
    `${orDash(memoryUsedRatio(node), formatShare)} of ${formatSize(machine.memoryBytes)}`,
    formatNumber(load.objects), formatAge(ageMs)
  ]
}

function wideCells (row: NodeRow): string[] {
  const { drivers, id, load, machine } = row.node
  const { cpuPromised, load1m, memoryPromisedBytes, network, pressure } = load
  return [
    ...nodeCells(row),
    `${formatNumber(cpuPromised)} CPU, ${formatSize(memoryPromisedBytes)}`,
    orDash(load1m, value => value.toFixed(2)),
    orDash(pressure, ({ cpu, memory, io }) => [cpu, memory, io].map(part => orDash(part, formatShare)).join(', ')),
    orDash(network, ({ receivedBytesPerSecond, sentBytesPerSecond }) =>
      `${formatRate(receivedBytesPerSecond)}, ${formatRate(sentBytesPerSecond)}`),
    onOneLine(`${machine.os}/${machine.arch}`), onOneLine(drivers.join(', ')), id
  ]
}
