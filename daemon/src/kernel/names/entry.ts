import { decode, isSealedBy, seal, SIGNATURE_BYTES } from '@welkin/abi'
import {
  canonicalName, CloudError, DNS_LABEL, isCloudError, type Keys, type NodeId, type SigningKey
} from '@welkin/interface'

/** The kind on the wire; it also keeps these signatures from being taken for any other of the same key. */
const KIND = 'wkn1'
/** Of one entry, chain and all. */
const SIZE_BYTES_MAX = 48 << 10
const PORTS_MAX = 64
const ID = /^[a-zA-Z0-9.-]{1,253}$/

export const RULES = ['both', 'latest', 'first'] as const
/** Which of several bindings of one name hold. */
export type Rule = (typeof RULES)[number]

const SUBJECTS = ['object', 'node', 'blob', 'alias'] as const

/** What a name can stand for. */
export interface Subject {
  readonly kind: (typeof SUBJECTS)[number]
  /** Of the object, node or blob; the other name of an alias. */
  readonly id: string
  /** Where the object was when this was said. */
  readonly node?: NodeId | undefined
  /** Which of several objects that share a name: `2`. */
  readonly label?: string | undefined
}

/** What somebody says a name stands for, or (`removed`) that it does no more. Times are wall clock, milliseconds. */
export interface Binding {
  readonly name: string
  readonly subject: Subject
  readonly ports: Readonly<Record<string, number>>
  readonly rule: Rule
  /** For so long others may remember it without asking again. */
  readonly ttlMs: number
  /** When the subject was bound; saying it again does not change that. */
  readonly boundAtMs: number
  /** Of two that are said of the same subject, the one with the greater stamp holds. */
  readonly stampMs: number
  readonly untilMs: number
  readonly removed: boolean
  readonly signer: NodeId
  /** By which the signer may. */
  readonly chain: readonly Uint8Array[]
}

/** A binding, and how it is passed on: the signature, then what is signed. */
export interface Entry extends Binding { readonly wire: Uint8Array }

/** Throws E2BIG. */
export function sealEntry (binding: Omit<Binding, 'signer'>, key: SigningKey): Entry {
  const { name, subject, ports, rule, ttlMs, boundAtMs, stampMs, untilMs, removed, chain } = binding
  const { kind, id, node = null, label = null } = subject
  const wire = seal([
    KIND, name, kind, id, node, label, ports, rule, ttlMs, boundAtMs, stampMs, untilMs, removed, key.self, chain
  ], key)
  if (wire.byteLength <= SIZE_BYTES_MAX) return { ...binding, signer: key.self, wire }
  const message = `What ${name} would stand for takes ${wire.byteLength} bytes; bind it by a shorter chain.`
  throw new CloudError('E2BIG', message)
}

/** What stands in it, its signature not yet checked. Throws EPROTO for what is not well formed. */
export function openEntry (wire: unknown): Entry {
  if (!(wire instanceof Uint8Array) || wire.byteLength <= SIGNATURE_BYTES || wire.byteLength > SIZE_BYTES_MAX) {
    throw refused('its size is wrong')
  }
  const body = decode(wire.subarray(SIGNATURE_BYTES))
  if (!Array.isArray(body) || body.length !== 15 || body[0] !== KIND) throw refused('it is of another kind')
  const [
    , name, kind, id, node, label, ports, rule, ttlMs, boundAtMs, stampMs, untilMs, removed, signer, chain
  ] = body as unknown[]
  if (!isName(name)) throw refused('its name is none')
  if (!isOneOf(SUBJECTS, kind) || !isId(id)) throw refused('it is about nothing')
  if (kind === 'alias' && !isName(id)) throw refused('it leads to no name')
  if (!(node === null || isId(node)) || !(label === null || isId(label))) throw refused('it is about nothing')
  if (!isPorts(ports)) throw refused('its ports cannot be')
  if (!isOneOf(RULES, rule)) throw refused('its rule is not known')
  if (![ttlMs, boundAtMs, stampMs, untilMs].every(isTime)) throw refused('one of its times is none')
  if (typeof removed !== 'boolean' || !isId(signer)) throw refused('nobody says it')
  if (!Array.isArray(chain) || !chain.every(link => link instanceof Uint8Array)) throw refused('its chain is none')
  return {
    name, subject: { kind, id, node: node ?? undefined, label: label ?? undefined }, ports, rule,
    ttlMs: ttlMs as number, boundAtMs: boundAtMs as number, stampMs: stampMs as number, untilMs: untilMs as number,
    removed, signer, chain: chain as Uint8Array[], wire
  }
}

/** Whether its signer has said this. */
export function isSaid ({ signer, wire }: Entry, keys: Pick<Keys, 'verify'>): boolean {
  return isSealedBy(signer, wire, keys)
}

/** What of two entries of one name must not both stand: the same subject. */
export function subjectKey ({ subject: { kind, id } }: Pick<Binding, 'subject'>): string {
  return `${kind}:${id}`
}

function isName (value: unknown): value is string {
  if (typeof value !== 'string') return false
  try {
    return canonicalName(value) === value
  } catch (error) {
    if (!isCloudError(error)) throw error
    return false
  }
}

function isOneOf<T extends string> (values: readonly T[], value: unknown): value is T {
  return values.includes(value as T)
}

function isId (value: unknown): value is string {
  return typeof value === 'string' && ID.test(value)
}

function isPorts (value: unknown): value is Record<string, number> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const ports = Object.entries(value)
  return ports.length <= PORTS_MAX &&
    ports.every(([name, port]) => DNS_LABEL.test(name) && Number.isInteger(port) && port >= 0 && port <= 65_535)
}

function isTime (value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 && value <= Number.MAX_SAFE_INTEGER
}

function refused (why: string): CloudError {
  return new CloudError('EPROTO', `What a name stands for was refused: ${why}.`)
}
