import type { ReplyOf } from '@welkin/abi'
import type { Endpoint } from '@welkin/interface'
import type { NodeDirectory } from '../node/directory.ts'
import { formatSpan } from '../print/durations.ts'
import { numberColumns, type Column } from '../print/table.ts'
import { onOneLine, orDash } from '../print/words.ts'

export type NameView = ReplyOf<'name.resolve'>
type Entry = NameView['entries'][number]

export const ENDPOINT_COLUMNS: Column[] = ['OBJECT', 'NODE', ...numberColumns('RTT'), 'PORTS', 'ADDRESSES']
export const NAME_COLUMNS: Column[] = ['NAME', 'KIND', 'WHAT', 'NODE', 'PORTS', 'BY', 'UNTIL']

/** One line for each thing that a name stands for. */
export function endpointCells ({ object, blob, node, nodeName, rttMs, ports, addresses }: Endpoint): string[] {
  return [
    object ?? blob ?? '-', onOneLine(nodeName ?? node ?? '-'), orDash(rttMs, formatSpan), formatPorts(ports),
    addresses.join(' ') || '-'
  ]
}

/** The same as it was bound; the name stands in the first line. */
export function nameRows ({ name, entries }: NameView, directory: Pick<NodeDirectory, 'nameOf'>): string[][] {
  return entries.map((entry, at) => {
    const { kind, what } = subjectOf(entry)
    return [
      at === 0 ? name : '', kind, what, entry.node === undefined ? '-' : onOneLine(directory.nameOf(entry.node)),
      formatPorts(entry.ports), onOneLine(entry.by), new Date(entry.untilMs).toISOString()
    ]
  })
}

/** `web.alice.acme  object 1f2e… on n3 http=8080, …`, or `web.alice.acme  nothing`. */
export function formatNews ({ name, entries }: NameView, directory: Pick<NodeDirectory, 'nameOf'>): string {
  const told = entries.map(entry => {
    const { kind, what } = subjectOf(entry)
    const where = entry.node === undefined || kind === 'node' ? [] : ['on', directory.nameOf(entry.node)]
    const ports = Object.keys(entry.ports).length === 0 ? [] : formatPorts(entry.ports)
    return [kind, kind === 'node' ? directory.nameOf(what) : what, where, ports].flat().join(' ')
  })
  return onOneLine(`${name}  ${told.join(', ') || 'nothing'}`)
}

function subjectOf ({ object, blob, alias, node }: Entry): { kind: string, what: string } {
  if (object !== undefined) return { kind: 'object', what: object }
  if (blob !== undefined) return { kind: 'blob', what: blob }
  if (alias !== undefined) return { kind: 'alias', what: alias }
  return { kind: 'node', what: node ?? '-' }
}

function formatPorts (ports: Readonly<Record<string, number>>): string {
  // 0: by system calls alone.
  return Object.entries(ports).map(([name, port]) => port === 0 ? name : `${name}=${port}`).join(' ') || '-'
}
