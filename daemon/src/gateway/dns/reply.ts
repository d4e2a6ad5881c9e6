import { CLASS_IN, RCODE, TYPE, UDP_BYTES_MAX, type RecordType } from './codes.ts'
import type { Query } from './query.ts'
import { encodeData, type DataOf } from './record-data.ts'

const HEADER_BYTES = 12
const FLAG = { response: 0x8000, authoritative: 0x0400, truncated: 0x0200, recursionDesired: 0x0100 } as const

export type DnsRecord = { [T in RecordType]: {
  /** In full, in lower case, without the dot at the end. */
  readonly name: string
  readonly type: T
  readonly ttlS: number
  readonly data: DataOf[T]
} }[RecordType]

/** What is said to a question. */
export interface Answer {
  readonly rcode: number
  readonly isAuthoritative: boolean
  readonly answers: readonly DnsRecord[]
  readonly authorities: readonly DnsRecord[]
  readonly additionals: readonly DnsRecord[]
  /** For so long the same question may be answered the same way. */
  readonly keepMs: number
}

/** An answer that says no more than its code. */
export function bareAnswer (rcode: number, { isAuthoritative = false, keepMs = 0 } = {}): Answer {
  return { rcode, isAuthoritative, answers: [], authorities: [], additionals: [], keepMs }
}

/**
 * The message, of at most `bytesMax`. What is only helpful is left out first; where the rest is too large all of it is,
 * and the asker is told to come by TCP.
 */
export function composeReply (query: Query, answer: Answer, bytesMax: number): Buffer {
  const labels = query.question?.labels ?? []
  const lists = [answer.answers, answer.authorities, answer.additionals]
    .map(records => records.map(record => encodeRecord(record, labels)))
  const opt = query.edns === undefined ? [] : [encodeOpt(answer.rcode)]
  const raw = query.question?.raw ?? new Uint8Array()
  const room = bytesMax - HEADER_BYTES - raw.length - sizeOf(opt)
  const [answers = [], authorities = [], additionals = []] = lists
  const isTruncated = sizeOf(answers) + sizeOf(authorities) > room
  const told = isTruncated ? [[], [], opt] : [answers, authorities, [
    ...sizeOf(answers) + sizeOf(authorities) + sizeOf(additionals) > room ? [] : additionals, ...opt
  ]]
  const flags = FLAG.response | query.opcode << 11 | (answer.isAuthoritative ? FLAG.authoritative : 0) |
    (isTruncated ? FLAG.truncated : 0) | (query.recursionDesired ? FLAG.recursionDesired : 0) | (answer.rcode & 15)
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeUInt16BE(query.id, 0)
  header.writeUInt16BE(flags, 2)
  header.writeUInt16BE(query.question === undefined ? 0 : 1, 4)
  told.forEach((list, at) => { header.writeUInt16BE(list.length, 6 + 2 * at) })
  return Buffer.concat([header, raw, ...told.flat()])
}

/** Sends the asker to TCP, and tells nothing. */
export function composeTruncated (query: Query): Buffer {
  const reply = composeReply(query, bareAnswer(RCODE.ok), UDP_BYTES_MAX)
  reply.writeUInt16BE(reply.readUInt16BE(2) | FLAG.truncated, 2)
  return reply
}

function sizeOf (parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0)
}

/** `labels`: those of the question; a name that is the end of it is pointed to there. */
function encodeRecord ({ name, type, ttlS, data }: DnsRecord, labels: readonly string[]): Buffer {
  const owner = encodeName(name, labels)
  const fixed = Buffer.alloc(8)
  fixed.writeUInt16BE(TYPE[type], 0)
  fixed.writeUInt16BE(CLASS_IN, 2)
  fixed.writeUInt32BE(ttlS, 4)
  return Buffer.concat([owner, fixed, encodeData(type, data)])
}

function encodeName (name: string, labels: readonly string[]): Buffer {
  let at = HEADER_BYTES
  for (let nth = 0; nth < labels.length; nth++) {
    if (labels.slice(nth).join('.') === name) return Buffer.of(0xc0 | at >> 8, at & 255)
    at += 1 + (labels[nth]?.length ?? 0)
  }
  const own = name.split('.').map(label => Buffer.concat([Buffer.of(label.length), Buffer.from(label, 'latin1')]))
  return Buffer.concat([...own, Buffer.of(0)])
}

/** The upper bits of the code stand in it. */
function encodeOpt (rcode: number): Buffer {
  const opt = Buffer.alloc(11)
  opt.writeUInt16BE(TYPE.OPT, 1)
  opt.writeUInt16BE(UDP_BYTES_MAX, 3)
  opt.writeUInt8(rcode >> 4, 5)
  return opt
}
