import { siteOf, type NodeView } from '@welkin/interface'
import { exampleOf, type Unit } from './units.ts'

/** Something that a node tells, by which it can be found. `of` gives undefined where this node does not tell it. */
export type Attribute =
  | { kind: 'number', unit: Unit, about: string, of: (node: NodeView) => number | undefined }
  | { kind: 'word', about: string, of: (node: NodeView) => string | undefined }
  /** A set of words. */
  | { kind: 'words', about: string, of: (node: NodeView) => readonly string[] }

/** What only some nodes tell of their load, since not every machine does. */
interface Load {
  load1m?: number | undefined
  pressure?: { cpu?: number | undefined, memory?: number | undefined, io?: number | undefined } | undefined
  network?: { receivedBytesPerSecond: number, sentBytesPerSecond: number } | undefined
  disk?: { readBytesPerSecond: number, writtenBytesPerSecond: number } | undefined
}

const number = (unit: Unit, about: string, of: (node: NodeView) => number | undefined): Attribute =>
  ({ kind: 'number', unit, about, of })
const word = (about: string, of: (node: NodeView) => string | undefined): Attribute => ({ kind: 'word', about, of })
const words = (about: string, of: (node: NodeView) => readonly string[]): Attribute => ({ kind: 'words', about, of })

/** Everything that a query can ask of a node, by name, in the order of the manual. */
export const ATTRIBUTES: ReadonlyMap<string, Attribute> = new Map(Object.entries({
  id: word('Its id.', ({ id }) => id),
  name: word('Its name.', ({ name }) => name),
  zone: word('Where it stands, e.g. acme/lyon/r7; "zone in acme/lyon" is met by all nodes below.', ({ zone }) => zone),
  site: word('Its site, e.g. acme/lyon.', ({ zone }) => siteOf(zone)),
  rack: word('Its whole zone, where that names a rack.', ({ zone }) => siteOf(zone) === zone ? undefined : zone),
  state: word('Whether it is held to be up or down.', ({ state }) => state),
  hostname: word('What its machine calls itself.', ({ machine }) => machine.hostname),
  os: word('Its operating system: linux, darwin, win32.', ({ machine }) => machine.os),
  arch: word('Its processor: x64, arm64.', ({ machine }) => machine.arch),
  version: word('The version of its software.', ({ version }) => version),
  drivers: words('What it can run objects with.', ({ drivers }) => drivers),
  'cpu.count': number('count', 'CPUs that it has.', ({ machine }) => machine.cpuCount),
  'cpu.busy': number('ratio', 'Share of its CPUs that is busy.', ({ load }) => load.cpuBusyRatio),
  'cpu.promised': number('count', 'CPUs that it has promised to objects.', ({ load }) => load.cpuPromised),
  'cpu.free': number('count', 'CPUs that are neither busy nor promised.', cpuFree),
  'load.1m': number('count', 'Tasks that ran or waited for a CPU, mean of a minute.', node => loadOf(node).load1m),
  'memory.total': number('bytes', 'Memory that it has.', ({ machine }) => machine.memoryBytes),
  'memory.promised': number('bytes', 'Memory that it has promised to objects.', ({ load }) => load.memoryPromisedBytes),
  'memory.free': number('bytes', 'Memory that is neither used nor promised.', memoryFreeBytes),
  'disk.free': number('bytes', 'Room on its disk.', ({ load }) => load.diskFreeBytes),
  'disk.read': number('bytesPerSecond', 'What it reads from its disks.', node => loadOf(node).disk?.readBytesPerSecond),
  'disk.write': number(
    'bytesPerSecond', 'What it writes to its disks.', node => loadOf(node).disk?.writtenBytesPerSecond),
  'network.in': number('bytesPerSecond', 'What it receives.', node => loadOf(node).network?.receivedBytesPerSecond),
  'network.out': number('bytesPerSecond', 'What it sends.', node => loadOf(node).network?.sentBytesPerSecond),
  'pressure.cpu': number('ratio', 'Share of time in which tasks waited for a CPU.', node => loadOf(node).pressure?.cpu),
  'pressure.memory': number('ratio', 'The same for memory.', node => loadOf(node).pressure?.memory),
  'pressure.io': number('ratio', 'The same for disks.', node => loadOf(node).pressure?.io),
  objects: number('count', 'Objects that it has.', ({ load }) => load.objects),
  'objects.free': number('count', 'Objects that it still takes.', objectsFree),
  load: number('ratio', 'How full it is of what it has least of: CPUs, memory or places for objects.', fullness),
  price: number('money', 'What a CPU costs there for an hour.', ({ price }) => price),
  age: number('ms', 'Time since it was heard of.', ({ ageMs }) => ageMs)
}))

/** What a query compares it with, for messages and the manual. */
export function comparedWith (attribute: Attribute): string {
  if (attribute.kind === 'number') return exampleOf(attribute.unit)
  return attribute.kind === 'word' ? 'a word' : 'a word of the set'
}

/** How full a node is of what it has least of (CPUs, memory, places for objects): 0 is empty, 1 takes nothing more. */
export function fullness (node: NodeView): number {
  const { load: { objectsMax }, machine: { cpuCount, memoryBytes } } = node
  const free = Math.min(
    part(cpuFree(node), cpuCount), part(memoryFreeBytes(node), memoryBytes), part(objectsFree(node), objectsMax))
  return 1 - free
}

/** CPUs that a node can still promise: of what is promised and what is busy the larger part is taken. */
function cpuFree ({ load: { cpuBusyRatio = 0, cpuPromised }, machine: { cpuCount } }: NodeView): number {
  return Math.max(0, cpuCount - Math.max(cpuPromised, cpuBusyRatio * cpuCount))
}

/** The same of memory. */
function memoryFreeBytes ({ load, machine: { memoryBytes } }: NodeView): number {
  return Math.max(0, Math.min(load.memoryFreeBytes, memoryBytes - load.memoryPromisedBytes))
}

function objectsFree ({ load: { objects, objectsMax } }: NodeView): number {
  return Math.max(0, objectsMax - objects)
}

// What has none of something is full of it.
function part (free: number, total: number): number {
  return total > 0 ? Math.min(1, free / total) : 0
}

function loadOf (node: NodeView): Load {
  return node.load as Load
}
