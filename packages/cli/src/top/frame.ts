import type { ObjectInfo } from '@welkin/syscalls'
import {
  formatNodeState, memoryUsedRatio, stateOf, type NodeRow, type NodeState, type NodeView
} from '../node/rows.ts'
import { labelOf } from '../object/sort.ts'
import { formatObjectState } from '../object/state.ts'
import { formatAge, formatSeconds, formatSpan } from '../print/durations.ts'
import { paint } from '../print/paint.ts'
import { formatSize } from '../print/sizes.ts'
import { formatTable, numberColumns, type Column } from '../print/table.ts'
import { formatArgv, formatCount, formatNumber, formatShare, onOneLine, orDash, shorten } from '../print/words.ts'
import { countIn, nodesIn, objectsIn, type Picture } from './picture.ts'
import { ORDERS, type View } from './view.ts'

/** Of a terminal, in characters. */
export interface Size { columns: number, rows: number }

/** Lines around the rows: head, state of affairs, headings, keys. */
const LINES_AROUND = 4
const GAP = '  '
const PROGRAM_LENGTH = 200
const STATES: readonly NodeState[] = ['up', 'suspected', 'down']
/** Changes of colour, and characters. */
const PARTS = /\p{Cc}\[[\d;]*m|./gsu

const NODE_COLUMNS: Column[] = [
  'NAME', 'ZONE', 'STATE', ...numberColumns('RTT', 'LOAD', 'CPU', 'MEMORY', 'OBJECTS', 'AGE')
]

const OBJECT_COLUMNS: Column[] = ['OBJECT', 'NODE', 'STATE', ...numberColumns('CPU', 'MEMORY', 'AGE'), 'PROGRAM']

/** How many rows of nodes or objects a terminal has room for. */
export function pageOf ({ rows }: Size): number {
  return Math.max(1, rows - LINES_AROUND)
}

/**
 * What a terminal of that size shows: exactly so many lines, none longer than it is wide. `problem`: what the latest
 * look came to, where it failed.
 */
export function formatFrame (picture: Picture, view: View, size: Size, problem?: string): string[] {
  const page = pageOf(size)
  const count = countIn(picture, view)
  // There may have been more rows when it was scrolled.
  const first = Math.min(view.first, Math.max(0, count - page))
  const [heading = '', ...rows] = tableOf(picture, view, first, first + page)
  const place = count === 0 ? 'none' : `${first + 1}-${first + rows.length} of ${formatNumber(count)}`
  const lines = [
    ...headOf(picture, view, problem), paint('inverse', heading.padEnd(size.columns)),
    ...rows, ...Array.from({ length: page - rows.length }, () => ''), footOf(view, place)
  ]
  return lines.slice(0, size.rows).map(line => cut(line, size.columns))
}

/** The same for a reader that is no terminal: all rows, as wide as they are. */
export function formatOnce (picture: Picture, view: View): string {
  return [...headOf(picture, view), ...tableOf(picture, view)].map(line => `${line.trimEnd()}\n`).join('')
}

/** When, who is there, how busy they are together; then what is missing, or what went wrong. */
function headOf (picture: Picture, { filter }: View, problem?: string): [string, string] {
  const { nodes, silent, moreObjects, atMs } = picture
  const second = [
    ...problem === undefined ? [] : [paint('red', onOneLine(problem))],
    ...silent.length === 0 ? [] : [paint('yellow', `No answer from ${onOneLine(silent.join(', '))}.`)],
    ...moreObjects ? [paint('yellow', 'There are more objects.')] : [],
    ...filter === '' ? [] : [`Only with "${filter}".`]
  ]
  const up = nodes.filter(({ node }) => node.state === 'up').map(({ node }) => node)
  const first = [
    paint('bold', 'welkin'), formatTime(atMs), `${formatCount(nodes.length, 'node')} (${formatStates(nodes)})`,
    formatCount(sum(up, ({ load }) => load.objects), 'object'), formatBusy(up)
  ]
  return [first.join('  '), second.join(' ')]
}

function formatStates (nodes: readonly NodeRow[]): string {
  const states = nodes.map(({ node }) => stateOf(node))
  const counted = STATES.map(state => ({ state, count: states.filter(other => other === state).length }))
  return counted.filter(({ count }) => count > 0)
    .map(({ state, count }) => `${formatNumber(count)} ${state}`).join(', ')
}

function formatBusy (up: readonly NodeView[]): string {
  const cpus = sum(up, ({ machine }) => machine.cpuCount)
  const busy = sum(up, ({ load, machine }) => (load.cpuBusyRatio ?? 0) * machine.cpuCount)
  return `CPU ${formatShare(cpus > 0 ? busy / cpus : 0)} of ${formatNumber(cpus)}`
}

function sum (nodes: readonly NodeView[], of: (node: NodeView) => number): number {
  return nodes.reduce((total, node) => total + of(node), 0)
}

/** The headings, and the rows from one to before another. */
function tableOf (picture: Picture, view: View, from = 0, to?: number): string[] {
  const [columns, rows] = view.subject === 'nodes'
    ? [NODE_COLUMNS, nodesIn(picture, view).slice(from, to).map(nodeCells)]
    : [OBJECT_COLUMNS, objectsIn(picture, view).slice(from, to).map(object => objectCells(object, picture.atMs))]
  return formatTable(columns, rows, GAP).trimEnd().split('\n')
}

function nodeCells ({ node, cost }: NodeRow): string[] {
  return [
    onOneLine(node.name), node.zone, formatNodeState(node), orDash(cost.rttMs, formatSpan),
    formatShare(cost.load), orDash(node.load.cpuBusyRatio, formatShare), orDash(memoryUsedRatio(node), formatShare),
    formatNumber(node.load.objects), formatAge(node.ageMs)
  ]
}

function objectCells (object: ObjectInfo, nowMs: number): string[] {
  const { nodeName, spawnedAtMs, spec, usage } = object
  return [
    labelOf(object), onOneLine(nodeName), formatObjectState(object),
    orDash(usage?.cpuSeconds, seconds => `${formatSeconds(seconds * 1000)} s`),
    orDash(usage?.memoryBytes, formatSize), formatAge(nowMs - spawnedAtMs),
    shorten(formatArgv(spec.program.argv), PROGRAM_LENGTH)
  ]
}

/** What the keys do, in which order the rows are (`[-name]`: the other way round), and which of them are shown. */
function footOf ({ subject, filter, orders, reversed, typing }: View, place: string): string {
  if (typing) return `Filter: ${filter}${paint('inverse', ' ')}`
  const names = ORDERS[subject].map(name => name === orders[subject] ? `[${reversed ? '-' : ''}${name}]` : name)
  const other = subject === 'nodes' ? 'objects' : 'nodes'
  return `Tab ${other}  / filter  q quit  ${names.join(' ')}  ${place}`
}

/** As UTC, like the times of events. */
function formatTime (atMs: number): string {
  return new Date(atMs).toISOString().slice(11, 19)
}

/** The first so many characters, with all colours: what one has begun another must end. */
function cut (line: string, columns: number): string {
  let width = 0
  const parts = Array.from(line.matchAll(PARTS), ([part]) => part)
  return parts.filter(part => part.length > 2 || ++width <= columns).join('')
}
