import { CLASS_IN, OPCODE_QUERY, PLAIN_BYTES_MAX, RCODE, TYPE } from './codes.ts'

const HEADER_BYTES = 12
const NAME_BYTES_MAX = 255
const LABEL_BYTES_MAX = 63

export interface Question {
  /** In lower case, the least first; a byte that is no ASCII stands for itself. */
  readonly labels: readonly string[]
  readonly type: number
  readonly class: number
  /** As it came, to be sent back: askers know their own spelling again. */
  readonly raw: Uint8Array
}

/** What was asked, as far as it could be read. */
export interface Query {
  readonly id: number
  readonly opcode: number
  readonly recursionDesired: boolean
  readonly question: Question | undefined
  /** What EDNS says, where it is spoken. */
  readonly edns: { readonly version: number, readonly bytesMax: number } | undefined
  /** By which it is answered at once. */
  readonly fault: number | undefined
}

/**
 * Reads a query (RFC 1035, section 4). Whatever the bytes are: undefined for what is to be passed over in silence, as
 * an answer or what has no header; a fault for what is wrong with the rest.
 */
export function readQuery (packet: Uint8Array): Query | undefined {
  if (packet.length < HEADER_BYTES) return undefined
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength)
  const flags = view.getUint16(2)
  if ((flags & 0x8000) !== 0) return undefined
  const opcode = (flags >> 11) & 15
  const head = { id: view.getUint16(0), opcode, recursionDesired: (flags & 0x0100) !== 0 }
  const faulty = (fault: number, question?: Question): Query => ({ ...head, question, edns: undefined, fault })
  if (opcode !== OPCODE_QUERY) return faulty(RCODE.notImplemented)
  const [questions, answers, authorities, additionals] = [4, 6, 8, 10].map(at => view.getUint16(at))
  if (questions !== 1 || answers !== 0) return faulty(RCODE.malformed)
  const question = readQuestion(packet, view)
  if (question === undefined) return faulty(RCODE.malformed)
  // Transfers have a record there; they are refused all the same.
  if (authorities !== 0 && question.type !== TYPE.IXFR) return faulty(RCODE.malformed, question)
  const rest = (authorities ?? 0) + (additionals ?? 0)
  const edns = readEdns(packet, view, HEADER_BYTES + question.raw.length, rest)
  if (edns === 'malformed') return faulty(RCODE.malformed, question)
  const fault = edns !== undefined && edns.version > 0 ? RCODE.badVersion
    : question.class !== CLASS_IN ? RCODE.notImplemented : undefined
  return { ...head, question, edns, fault }
}

function readQuestion (packet: Uint8Array, view: DataView): Question | undefined {
  const labels: string[] = []
  let at = HEADER_BYTES
  for (;;) {
    const length = packet[at]
    if (length === undefined || length > LABEL_BYTES_MAX) return undefined // a pointer has nowhere to lead to
    at += 1
    if (length === 0) break
    if (at + length > packet.length || at + length - HEADER_BYTES >= NAME_BYTES_MAX) return undefined
    labels.push(String.fromCharCode(...packet.subarray(at, at + length)).toLowerCase())
    at += length
  }
  if (at + 4 > packet.length) return undefined
  return {
    labels, type: view.getUint16(at), class: view.getUint16(at + 2), raw: packet.slice(HEADER_BYTES, at + 4)
  }
}

/** Walks over the records behind the question; the one of EDNS is looked for, and there may be one (RFC 6891). */
function readEdns (packet: Uint8Array, view: DataView, from: number, count: number): Query['edns'] | 'malformed' {
  let edns: Query['edns']
  let at = from
  for (let nth = 0; nth < count; nth++) {
    const nameEnd = skipName(packet, at)
    if (nameEnd === undefined || nameEnd + 10 > packet.length) return 'malformed'
    if (view.getUint16(nameEnd) === TYPE.OPT) {
      if (edns !== undefined || nameEnd !== at + 1) return 'malformed'
      edns = {
        bytesMax: Math.max(PLAIN_BYTES_MAX, view.getUint16(nameEnd + 2)), version: view.getUint8(nameEnd + 5)
      }
    }
    at = nameEnd + 10 + view.getUint16(nameEnd + 8)
    if (at > packet.length) return 'malformed'
  }
  return edns
}

function skipName (packet: Uint8Array, from: number): number | undefined {
  let at = from
  for (;;) {
    const length = packet[at]
    if (length === undefined) return undefined
    if (length === 0) return at + 1
    if (length >= 0xc0) return at + 2
    if (length > LABEL_BYTES_MAX) return undefined
    at += 1 + length
  }
}
