import { decode, encode } from '@welkin/abi'
import { CloudError, isZone, type NodeId, type Zone } from '@welkin/interface'
import { isHandle, type Handle } from '../statements/handle.ts'
import { Shared } from '../statements/shared.ts'
import { unpackDigest, type DigestEntry } from './digest.ts'

/**
 * What nodes ask of one another:
 *
 *   exchange   news, ids -> news         a probe as well: an answer is a sign of life; the ids say what the asker has,
 *                                        and without them it wants nothing in return
 *   reach      node -> yes or no         whether the asked one gets through to that node
 *   speak      vitals -> own vitals      the asker holds the asked one to be down, as of what it said last: these
 *   about      node -> statements        all that the asked one has heard of that node
 *   compare    own statements, digest of a part of the table -> what is missing there, and what is wanted in turn;
 *              or, to a node of another site, where nodes of the cloud are found
 */
export const SITE_PROTOCOL = '/welkin/site/1'

/** A statement as it is told: with how long ago it was made. */
export interface News { wire: Uint8Array, ageMs: number }

/** Where a node of some site is found. */
export interface Contact { site: Zone, id: NodeId, addresses: readonly string[] }

export interface Comparison {
  site: Zone
  /** The asker's own facts and vitals. */
  own: News[]
  /** The part of the table that is compared: handles from `from` up to but without `to`. */
  from: Handle
  to: Handle
  digest: DigestEntry[]
}

export type Question =
  | { kind: 'exchange', news: News[], ids: Uint8Array | undefined }
  | { kind: 'reach', subject: Handle }
  | { kind: 'speak', last: Uint8Array }
  | { kind: 'about', subject: Handle }
  | { kind: 'compare' } & Comparison

export interface Difference {
  news: News[]
  /** Nodes of which the asker may know more; no more than can be told at once. */
  wanted: Handle[]
  /** Where to go on, if it did not all fit. */
  next: Handle | undefined
  contacts: Contact[]
}

/** In one message. */
const NEWS_MAX = 4096
const WANTED_MAX = 4096
const CONTACTS_MAX = 64
const ADDRESSES_MAX = 32
const ADDRESS_LENGTH_MAX = 256
/** Ages travel in steps of this. */
const AGE_STEP_MS = 10

const [EXCHANGE, REACH, COMPARE, SPEAK, ABOUT] = [1, 2, 3, 4, 5]

export function packQuestion (question: Exclude<Question, { kind: 'compare' }>): Uint8Array {
  if (question.kind === 'exchange') return encode([EXCHANGE, packNews(question.news), question.ids ?? null])
  if (question.kind === 'reach') return encode([REACH, question.subject])
  if (question.kind === 'about') return encode([ABOUT, question.subject])
  return encode([SPEAK, question.last])
}

export function packComparison (site: Zone, own: News[], from: Handle, to: Handle, digest: Uint8Array): Uint8Array {
  return encode([COMPARE, site, packNews(own), from, to, digest])
}

/** Throws EPROTO. */
export function unpackQuestion (payload: Uint8Array): Question {
  const [kind, ...rest] = listIn(payload)
  if (kind === EXCHANGE) {
    return { kind: 'exchange', news: unpackNews(rest[0]), ids: rest[1] instanceof Uint8Array ? rest[1] : undefined }
  }
  if (kind === REACH && isHandle(rest[0])) return { kind: 'reach', subject: rest[0] }
  if (kind === ABOUT && isHandle(rest[0])) return { kind: 'about', subject: rest[0] }
  if (kind === SPEAK && rest[0] instanceof Uint8Array) return { kind: 'speak', last: rest[0] }
  const [site, own, from, to, digest] = rest
  const entries = digest instanceof Uint8Array ? unpackDigest(digest) : undefined
  const isWhole = kind === COMPARE && typeof site === 'string' && isZone(site) && isHandle(from) &&
    typeof to === 'number' && entries !== undefined
  if (!isWhole) throw unreadable('it is no question')
  return { kind: 'compare', site, own: unpackNews(own), from, to, digest: entries }
}

/** `spentMs`: how long the answer was in the making, so that the way there and back can be told. */
export function packExchanged (news: News[], spentMs: number): Uint8Array {
  return encode([packNews(news), Math.round(spentMs * 1000)])
}

/** Throws EPROTO. */
export function unpackExchanged (payload: Uint8Array): { news: News[], spentMs: number } {
  const [news, spentUs] = listIn(payload)
  if (!isAge(spentUs)) throw unreadable('it does not say how long it took')
  return { news: unpackNews(news), spentMs: spentUs / 1000 }
}

export function packDifference ({ news, wanted, next, contacts }: Difference): Uint8Array {
  return encode([packNews(news), wanted.slice(0, WANTED_MAX), next ?? null, packContacts(contacts)])
}

/** Throws EPROTO. */
export function unpackDifference (payload: Uint8Array): Difference {
  const [news, wanted, next, contacts] = listIn(payload)
  const isWanted = Array.isArray(wanted) && wanted.length <= WANTED_MAX && wanted.every(isHandle)
  if (!isWanted) throw unreadable('it wants nonsense')
  if (next !== null && !isHandle(next)) throw unreadable('it goes on nowhere')
  return { news: unpackNews(news), wanted, next: next ?? undefined, contacts: unpackContacts(contacts) }
}

export function packReached (reached: boolean): Uint8Array {
  return encode([reached])
}

export function unpackReached (payload: Uint8Array): boolean {
  return listIn(payload)[0] === true
}

export function packContacts (contacts: readonly Contact[]): unknown[] {
  return contacts.map(({ site, id, addresses }) => [site, id, addresses])
}

/** Throws EPROTO. */
export function unpackContacts (given: unknown): Contact[] {
  if (!Array.isArray(given) || given.length > CONTACTS_MAX) throw unreadable('its contacts are no list, or too long')
  return given.map((item: unknown): Contact => {
    const [site, id, addresses] = Array.isArray(item) ? item as unknown[] : []
    const isWhole = typeof site === 'string' && isZone(site) && typeof id === 'string' && id.length <= 128 &&
      Array.isArray(addresses) && addresses.length <= ADDRESSES_MAX &&
      addresses.every(address => typeof address === 'string' && address.length <= ADDRESS_LENGTH_MAX)
    if (!isWhole) throw unreadable('a contact is none')
    return sharedContact({ site, id, addresses: addresses as string[] })
  })
}

const contactsTold = new Shared<NodeId, Contact>()

function sharedContact (told: Contact): Contact {
  const known = contactsTold.get(told.id)
  const isSame = known?.site === told.site && known.addresses.length === told.addresses.length &&
    known.addresses.every((address, i) => address === told.addresses[i])
  return isSame ? known : contactsTold.add(told.id, told)
}

function packNews (news: readonly News[]): unknown[] {
  return news.flatMap(({ wire, ageMs }) => [wire, Math.max(0, Math.round(ageMs / AGE_STEP_MS))])
}

function unpackNews (given: unknown): News[] {
  const isList = Array.isArray(given) && given.length % 2 === 0 && given.length <= 2 * NEWS_MAX
  if (!isList) throw unreadable('its news are no list')
  return Array.from({ length: given.length / 2 }, (_, index): News => {
    const [wire, age] = [given[2 * index] as unknown, given[2 * index + 1] as unknown]
    if (!(wire instanceof Uint8Array) || !isAge(age)) throw unreadable('its news are none')
    return { wire, ageMs: age * AGE_STEP_MS }
  })
}

/** A number of steps or of milliseconds. */
export function isAge (value: unknown): value is number {
  return Number.isFinite(value) && (value as number) >= 0
}

function listIn (payload: Uint8Array): unknown[] {
  const list = decode(payload)
  if (!Array.isArray(list)) throw unreadable('it is no list')
  return list as unknown[]
}

function unreadable (why: string): CloudError {
  const message = `A message between nodes cannot be read: ${why}; check that both run the same version.`
  return new CloudError('EPROTO', message)
}
