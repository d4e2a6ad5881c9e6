import dnsPacket from 'dns-packet'
import type { HInfoData, SoaData, SrvData } from 'dns-packet'
import type { RecordType } from './codes.ts'

/** What dns-packet writes of one record: its length, then its data. Its types do not tell of it. */
interface Codec { encode (data: unknown): Uint8Array }
const { record: codecOf } = dnsPacket as unknown as { record: (type: RecordType) => Codec }

/** What records of each type hold; names are in full, without the dot at the end. */
export interface DataOf {
  A: string
  AAAA: string
  CNAME: string
  HINFO: HInfoData
  NS: string
  PTR: string
  SOA: Required<SoaData>
  SRV: Required<SrvData>
  TXT: readonly string[]
}

/** The data as it stands in a message, its length before it. */
export function encodeData<T extends RecordType> (type: T, data: DataOf[T]): Uint8Array {
  return codecOf(type).encode(Array.isArray(data) ? [...data as readonly string[]] : data)
}
