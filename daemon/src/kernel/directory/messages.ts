import { decode, encode } from '@welkin/abi'
import { CloudError, DNS_LABEL, type NodeId } from '@welkin/interface'
import { isPoint, type Point } from '@welkin/kademlia'
import { FINGERPRINT_BYTES } from './fingerprints.ts'

/**
 * What nodes ask of one another:
 *
 *   find      a point, what the asker says of itself -> the nearest nodes that are known
 *   get       a key, the same -> the record, whether the asked one has just started, the nearest nodes if wanted
 *   put       a record -> what it comes to together with the one that was held, where that is something else
 *   compare   a digest of what both should hold -> whether the asked one has the same
 *   have      fingerprints of records -> which of them the asked one has not
 *   store     records -> those that came to something else, as they are held now
 *   changed   a record of which the asked one wanted to be told
 */
export const DIRECTORY_PROTOCOL = '/welkin/directory/1'

/** Where a node is found. */
export interface Contact { id: NodeId, addresses: readonly string[] }

export interface Entry { key: string, record: Uint8Array }

/** Where whoever asks is reached, and for how long it has been up; nothing of older nodes. */
export interface Asker { addresses: readonly string[], upMs: number | undefined }

export type Question =
  | { is: 'find', target: Point, asker: Asker }
  | { is: 'get', kind: string, key: string, tellMs: number, wantsNodes: boolean, asker: Asker }
  | { is: 'put' | 'changed', kind: string } & Entry
  | { is: 'compare', kind: string, digest: Uint8Array }
  | { is: 'have', kind: string, fingerprints: Uint8Array }
  | { is: 'store', kind: string, entries: Entry[] }

export interface Found { record: Uint8Array | undefined, isYoung: boolean, nodes: Contact[] }

export const KEY_LENGTH_MAX = 512
/** Nodes in one answer. */
export const NODES_MAX = 32
/** Records in one message, and fingerprints. */
export const ENTRIES_MAX = 1024
const ADDRESSES_MAX = 32
const ADDRESS_LENGTH_MAX = 256
const ID_LENGTH_MAX = 128

const [FIND, GET, PUT, COMPARE, HAVE, STORE, CHANGED] = [1, 2, 3, 4, 5, 6, 7]

export function packQuestion (question: Question): Uint8Array {
  switch (question.is) {
    case 'find': return encode([FIND, question.target, ...packAsker(question.asker)])
    case 'get': {
      const { kind, key, tellMs, wantsNodes, asker } = question
      return encode([GET, kind, key, Math.round(tellMs), wantsNodes, ...(wantsNodes ? packAsker(asker) : [[]])])
    }
    case 'put': return encode([PUT, question.kind, question.key, question.record])
    case 'compare': return encode([COMPARE, question.kind, question.digest])
    case 'have': return encode([HAVE, question.kind, question.fingerprints])
    case 'store': return encode([STORE, question.kind, packEntries(question.entries)])
    case 'changed': return encode([CHANGED, question.kind, question.key, question.record])
  }
}

/** Throws EPROTO. */
export function unpackQuestion (payload: Uint8Array): Question {
  const [is, first, ...rest] = listIn(payload)
  if (is === FIND) {
    if (!isPoint(first)) throw unreadable('it looks for no point')
    return { is: 'find', target: first, asker: askerIn(rest) }
  }
  const kind = kindIn(first)
  switch (is) {
    case GET: {
      const [key, tellMs, wantsNodes, ...asker] = rest
      if (!isCount(tellMs)) throw unreadable('it does not say how long to tell')
      return { is: 'get', kind, key: keyIn(key), tellMs, wantsNodes: wantsNodes === true, asker: askerIn(asker) }
    }
    case PUT: return { is: 'put', kind, key: keyIn(rest[0]), record: bytesIn(rest[1]) }
    case CHANGED: return { is: 'changed', kind, key: keyIn(rest[0]), record: bytesIn(rest[1]) }
    case COMPARE: return { is: 'compare', kind, digest: bytesIn(rest[0]) }
    case HAVE: {
      const fingerprints = bytesIn(rest[0])
      const isWhole = fingerprints.byteLength % FINGERPRINT_BYTES === 0 &&
        fingerprints.byteLength <= ENTRIES_MAX * FINGERPRINT_BYTES
      if (!isWhole) throw unreadable('its fingerprints are none, or too many')
      return { is: 'have', kind, fingerprints }
    }
    case STORE: return { is: 'store', kind, entries: entriesIn(rest[0]) }
    default: throw unreadable('it is no question')
  }
}

export function packNodes (nodes: readonly Contact[]): Uint8Array {
  return encode(listOf(nodes))
}

/** Throws EPROTO. */
export function unpackNodes (payload: Uint8Array): Contact[] {
  return nodesIn(listIn(payload))
}

export function packFound ({ record, isYoung, nodes }: Found): Uint8Array {
  return encode([record ?? null, isYoung, listOf(nodes)])
}

/** Throws EPROTO. */
export function unpackFound (payload: Uint8Array): Found {
  const [record, isYoung, nodes] = listIn(payload)
  return { record: optionalBytesIn(record), isYoung: isYoung === true, nodes: nodesIn(nodes) }
}

/** What was held comes to; undefined: what was given. */
export function packTaken (record: Uint8Array | undefined): Uint8Array {
  return encode([record ?? null])
}

/** Throws EPROTO. */
export function unpackTaken (payload: Uint8Array): Uint8Array | undefined {
  return optionalBytesIn(listIn(payload)[0])
}

export function packSame (isSame: boolean): Uint8Array {
  return encode([isSame])
}

/** Throws EPROTO. */
export function unpackSame (payload: Uint8Array): boolean {
  return listIn(payload)[0] === true
}

/** Places in the list of fingerprints. */
export function packWanted (wanted: readonly number[]): Uint8Array {
  return encode(wanted)
}

/** Throws EPROTO. */
export function unpackWanted (payload: Uint8Array): number[] {
  const wanted = listIn(payload)
  if (wanted.length > ENTRIES_MAX || !wanted.every(isCount)) throw unreadable('it wants nonsense')
  return wanted
}

export function packStored (entries: readonly Entry[]): Uint8Array {
  return encode(packEntries(entries))
}

/** Throws EPROTO. */
export function unpackStored (payload: Uint8Array): Entry[] {
  return entriesIn(listIn(payload))
}

function packAsker ({ addresses, upMs }: Asker): unknown[] {
  return [addresses, upMs === undefined ? null : Math.round(upMs)]
}

function askerIn ([addresses, upMs]: unknown[]): Asker {
  if (upMs !== undefined && upMs !== null && !isCount(upMs)) throw unreadable('it does not say how long it is up')
  return { addresses: addressesIn(addresses), upMs: upMs ?? undefined }
}

function listOf (nodes: readonly Contact[]): unknown[] {
  return nodes.map(({ id, addresses }) => [id, addresses])
}

function nodesIn (given: unknown): Contact[] {
  if (!Array.isArray(given) || given.length > NODES_MAX) throw unreadable('its nodes are no list, or too many')
  return given.map((item: unknown): Contact => {
    const [id, addresses] = Array.isArray(item) ? item as unknown[] : []
    if (typeof id !== 'string' || id === '' || id.length > ID_LENGTH_MAX) throw unreadable('a node is none')
    return { id, addresses: addressesIn(addresses) }
  })
}

function packEntries (entries: readonly Entry[]): unknown[] {
  return entries.map(({ key, record }) => [key, record])
}

function entriesIn (given: unknown): Entry[] {
  if (!Array.isArray(given) || given.length > ENTRIES_MAX) throw unreadable('its records are no list, or too many')
  return given.map((item: unknown): Entry => {
    const [key, record] = Array.isArray(item) ? item as unknown[] : []
    return { key: keyIn(key), record: bytesIn(record) }
  })
}

function addressesIn (given: unknown): string[] {
  const isWhole = Array.isArray(given) && given.length <= ADDRESSES_MAX &&
    given.every(address => typeof address === 'string' && address.length <= ADDRESS_LENGTH_MAX)
  if (!isWhole) throw unreadable('its addresses are none, or too many')
  return given as string[]
}

function kindIn (given: unknown): string {
  if (typeof given !== 'string' || !DNS_LABEL.test(given)) throw unreadable('it names no kind')
  return given
}

function keyIn (given: unknown): string {
  if (typeof given !== 'string' || given.length > KEY_LENGTH_MAX) throw unreadable('it has no key')
  return given
}

function bytesIn (given: unknown): Uint8Array {
  if (!(given instanceof Uint8Array)) throw unreadable('bytes are missing')
  return given
}

function optionalBytesIn (given: unknown): Uint8Array | undefined {
  return given === null ? undefined : bytesIn(given)
}

function isCount (value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function listIn (payload: Uint8Array): unknown[] {
  const list = decode(payload)
  if (!Array.isArray(list)) throw unreadable('it is no list')
  return list as unknown[]
}

function unreadable (why: string): CloudError {
  const message = `A message of the directory cannot be read: ${why}; check that both run the same version.`
  return new CloudError('EPROTO', message)
}
