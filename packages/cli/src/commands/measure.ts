import type { Command } from 'commander'
import type { ReplyOf } from '@welkin/syscalls'
import type { Connection } from '@welkin/syscalls/connect'
import { formatSpan } from '../print/durations.ts'
import { fact, formatFacts, type Fact } from '../print/facts.ts'
import { print, printJson } from '../print/output.ts'
import { formatRate, formatSize } from '../print/sizes.ts'
import { formatTable, numberColumns, type Column } from '../print/table.ts'
import { formatArgv, formatShare, onOneLine, orDash } from '../print/words.ts'
import { actInCloud, addCloudCommand, type CommonOptions } from './command.ts'
import { bytesUpTo, list, wholeNumber } from './values.ts'

type Measured = ReplyOf<'measure'>
type Driver = Measured['drivers'][number]

const PEER_COLUMNS: Column[] = ['PEER', ...numberColumns('RTT', 'LEAST', 'LOSS', 'BANDWIDTH')]

/** What `measure` takes. */
const BYTES_MAX = 16 << 20

interface MeasureOptions extends CommonOptions {
  peers?: string[]
  probes?: number
  bytes?: number
}

export function addMeasure (program: Command): void {
  addCloudCommand(program, 'measure',
    'Measure a node now. It tells of its machine, its load, its drivers and what they can do, and of the ways to its ' +
    'peers: round trips (their median and the least), loss, and bandwidth where bytes are sent.',
    'welkin measure', 'welkin measure n2 --peers n1,n3 --bytes 1M')
    .argument('[node]', 'which; left out: the one that is asked')
    .option('--peers <nodes>', 'nodes to which the ways are measured, joined by commas', list)
    .option('--probes <n>', 'round trips to each (default: 3)', wholeNumber(1, 100))
    .option('--bytes <size>', 'so many are sent to each, at most 16M (default: none)', bytesUpTo(BYTES_MAX))
    .action(actInCloud<MeasureOptions, [string | undefined]>(measure))
}

async function measure (cloud: Connection, options: MeasureOptions, ref: string | undefined): Promise<void> {
  const { bytes, json, peers, probes } = options
  const measured = await cloud.syscalls.measure({ peers, probes, bytes }, { node: ref })
  if (json) return await printJson(measured)
  const { nodes } = await cloud.syscalls.nodes({})
  const names = new Map(nodes.map(({ id, name }) => [id, onOneLine(name)]))
  await print(formatMeasured(measured, id => names.get(id) ?? id))
}

/** Facts and load, drivers, ways, with an empty line between them. */
export function formatMeasured (measured: Measured, nameOf: (id: string) => string): string {
  const { drivers, peers } = measured
  const ways = peers.map(({ node, rttMs, rttMsMin, lossRatio, bandwidthBytesPerSecond }) => [
    nameOf(node), orDash(rttMs, formatSpan), orDash(rttMsMin, formatSpan), formatShare(lossRatio),
    orDash(bandwidthBytesPerSecond, formatRate)
  ])
  return [
    formatFacts([...machineFacts(measured, nameOf), ...loadFacts(measured)]),
    formatTable(['DRIVER', 'HEALTH', 'CAN', 'ATTRIBUTES'], drivers.map(driverCells)),
    ...ways.length === 0 ? [] : [formatTable(PEER_COLUMNS, ways)]
  ].join('\n')
}

function machineFacts ({ node, machine }: Measured, nameOf: (id: string) => string): Fact[] {
  const { arch, cpuCount, cpuModel, diskBytes, hostname, kernel, memoryBytes, os } = machine
  const facts: Fact[] = [
    ['node', `${nameOf(node)} (${node})`],
    ['machine', [hostname, os, kernel, arch].filter(Boolean).join(' ')],
    ['cpus', cpuModel === undefined ? String(cpuCount) : `${cpuCount}, ${cpuModel}`],
    ['memory', formatSize(memoryBytes)],
    ...fact('disk', diskBytes === undefined ? undefined : formatSize(diskBytes))
  ]
  return facts.map(([name, value]) => [name, onOneLine(value)])
}

function loadFacts ({ load }: Measured): Fact[] {
  const { cpuBusyRatio, disk, diskFreeBytes, load1m, memoryFreeBytes, network, pressure } = load
  return [
    ...fact('cpus busy', cpuBusyRatio === undefined ? undefined : formatShare(cpuBusyRatio)),
    ...fact('load average', load1m?.toFixed(2)),
    ['memory free', formatSize(memoryFreeBytes)],
    ...fact('disk free', diskFreeBytes === undefined ? undefined : formatSize(diskFreeBytes)),
    ...fact('pressure', pressure && Object.entries(pressure)
      .map(([what, ratio]) => `${what} ${orDash(ratio, formatShare)}`).join(', ')),
    ...fact('network', network &&
      `in ${formatRate(network.receivedBytesPerSecond)}, out ${formatRate(network.sentBytesPerSecond)}`),
    ...fact('disks', disk &&
      `read ${formatRate(disk.readBytesPerSecond)}, written ${formatRate(disk.writtenBytesPerSecond)}`)
  ]
}

function driverCells ({ name, health, reason, abilities, attributes }: Driver): string[] {
  const { checkpoint, exec, input, isolation, limits, signals, survivesDaemon } = abilities
  const can = [
    signals && 'signals', input && 'input', exec && 'exec', limits.cpu === 'hard' && 'cpu limits',
    limits.memory === 'hard' && 'memory limits', isolation === 'strict' && 'sandboxes',
    checkpoint !== 'none' && `checkpoints (${checkpoint})`,
    survivesDaemon && 'outlives the daemon'
  ].filter(ability => ability !== false)
  const told = Object.entries(attributes).filter(([, value]) => value !== '')
  return [
    onOneLine(name), onOneLine(reason === undefined ? health : `${health}: ${reason}`), can.join(', ') || '-',
    told.map(([what, value]) => formatArgv([`${what}=${value}`])).join(' ') || '-'
  ]
}
