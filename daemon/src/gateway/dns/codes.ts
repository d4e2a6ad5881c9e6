/** Numbers of the protocol (RFC 1035, 6891, 6895). */
export const RCODE = {
  ok: 0, malformed: 1, failed: 2, noSuchName: 3, notImplemented: 4, refused: 5, badVersion: 16
} as const

export const TYPE = {
  A: 1, NS: 2, CNAME: 5, SOA: 6, PTR: 12, HINFO: 13, TXT: 16, AAAA: 28, SRV: 33, OPT: 41,
  IXFR: 251, AXFR: 252, MAILB: 253, MAILA: 254, ANY: 255
} as const

export type RecordType = 'A' | 'AAAA' | 'CNAME' | 'HINFO' | 'NS' | 'PTR' | 'SOA' | 'SRV' | 'TXT'

export const CLASS_IN = 1
export const OPCODE_QUERY = 0

/** Of a message without EDNS; and what we send at most, so that no router on the way cuts it into pieces. */
export const PLAIN_BYTES_MAX = 512
export const UDP_BYTES_MAX = 1232
export const TCP_BYTES_MAX = 65_535
