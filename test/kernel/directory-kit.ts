import { CloudError, type Directory, type NodeId, type RecordKind } from '@welkin/interface'
import type { VirtualCloud } from '@welkin/sim'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** A record of the kind below. */
export function note (version: number, text: string, untilMs = 1e15): Uint8Array {
  return encoder.encode(`${version} ${untilMs} ${text}`)
}

export function textOf (record: Uint8Array | undefined): string | undefined {
  return record === undefined ? undefined : decoder.decode(record).split(' ').slice(2).join(' ')
}

function readNote (record: Uint8Array): { version: number, untilMs: number } {
  const [version, untilMs] = decoder.decode(record).split(' ').map(Number)
  if (!Number.isInteger(version) || !Number.isFinite(untilMs)) throw new CloudError('EPROTO', 'It is no note.')
  return { version: version as number, untilMs: untilMs as number }
}

/** The kind of the specs: the greater version replaces the smaller; of two alike, the greater text. */
export function noteKind (changed?: (key: string, text: string | undefined) => void): RecordKind {
  return {
    name: 'note',
    check: (_key, record) => {
      readNote(record)
      if (decoder.decode(record).includes('forbidden')) throw new CloudError('EACCES', 'Nobody may write that.')
      return record
    },
    merge: (_key, held, given) => {
      const difference = readNote(given).version - readNote(held).version
      if (difference !== 0) return difference > 0 ? given : held
      return decoder.decode(given) > decoder.decode(held) ? given : held
    },
    untilMs: (_key, record) => readNote(record).untilMs,
    changed: (key, record) => changed?.(key, textOf(record))
  }
}

/** The directory of a node that runs. */
export function directoryOf (cloud: VirtualCloud, name: NodeId): Directory {
  const node = cloud.node(name)
  if (node === undefined) throw new Error(`${name} does not run.`)
  return node.directory
}

/** All nodes that run keep notes. */
export function keepNotes (cloud: VirtualCloud): void {
  for (const { directory } of cloud.nodes()) directory.keep(noteKind())
}

/** Who keeps a note under the key, of those that run. */
export function holdersOf (cloud: VirtualCloud, key: string, text?: string): NodeId[] {
  return cloud.nodes().filter(({ directory }) => {
    return [...directory.held('note')].some(([k, record]) => k === key && (text ?? textOf(record)) === textOf(record))
  }).map(({ id }) => id)
}
