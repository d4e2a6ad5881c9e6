import { decode, encode } from '@welkin/abi'
import { CloudError, isZone, type Zone } from '@welkin/interface'

export const ADMISSION_PROTOCOL = '/welkin/admission/1'

/** A node's place in the cloud, shown to another. */
export interface Card {
  zone: Zone
  certificate: readonly Uint8Array[]
  /** What stands for all the revocations that it knows. */
  revoked: Uint8Array
}

/** What is asked by the admission protocol, and of what each is answered. */
export type Question =
  /** Answered by the other's card. */
  | { kind: 'present', card: Card }
  /** By a certificate. */
  | { kind: 'redeem', secret: Uint8Array, zone: Zone }
  /** A member that wants another key is answered by the secret of a ticket, from whoever has invited it. */
  | { kind: 'renew' }
  /** Revocations, by those that the asker lacks. */
  | { kind: 'revoked', known: readonly Uint8Array[] }

const LIST_MAX = 10_000

export function encodeQuestion (question: Question): Uint8Array {
  if (question.kind === 'present') return encode(['present', ...cardFields(question.card)])
  if (question.kind === 'redeem') return encode(['redeem', question.secret, question.zone])
  return encode(question.kind === 'renew' ? ['renew'] : ['revoked', ...question.known])
}

/** Throws EPROTO. */
export function decodeQuestion (bytes: Uint8Array): Question {
  const [kind, ...rest] = listOf(bytes)
  if (kind === 'present') return { kind, card: cardOf(rest) }
  if (kind === 'renew') return { kind }
  if (kind === 'revoked') return { kind, known: wiresOf(rest) }
  const [secret, zone] = rest
  if (kind === 'redeem' && secret instanceof Uint8Array && isText(zone) && isZone(zone)) return { kind, secret, zone }
  throw refused()
}

export function encodeCard (card: Card): Uint8Array {
  return encode(cardFields(card))
}

/** Throws EPROTO. */
export function decodeCard (bytes: Uint8Array): Card {
  return cardOf(listOf(bytes))
}

/** Certificates, revocations and secrets. */
export function encodeWires (wires: readonly Uint8Array[]): Uint8Array {
  return encode(wires)
}

/** Throws EPROTO. */
export function decodeWires (bytes: Uint8Array): readonly Uint8Array[] {
  return wiresOf(listOf(bytes))
}

function cardFields ({ zone, certificate, revoked }: Card): unknown[] {
  return [zone, certificate, revoked]
}

function cardOf ([zone, certificate, revoked]: unknown[]): Card {
  if (!isText(zone) || !isZone(zone) || !(revoked instanceof Uint8Array)) throw refused()
  return { zone, certificate: wiresOf(certificate), revoked: new Uint8Array(revoked) }
}

function listOf (bytes: Uint8Array): unknown[] {
  const body = decode(bytes)
  if (Array.isArray(body)) return body
  throw refused()
}

function wiresOf (value: unknown): readonly Uint8Array[] {
  if (!Array.isArray(value) || value.length > LIST_MAX || !value.every(wire => wire instanceof Uint8Array)) {
    throw refused()
  }
  return value.map(wire => new Uint8Array(wire as Uint8Array))
}

function isText (value: unknown): value is string {
  return typeof value === 'string'
}

function refused (): CloudError {
  return new CloudError('EPROTO', 'A message of admission cannot be read; run the same version everywhere.')
}
