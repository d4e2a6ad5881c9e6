import { reviveError, type CloudError } from '@welkin/interface'
import { Packr } from 'msgpackr'

const packr = new Packr({ useRecords: false })

/** An error whose record is longer keeps its code and the beginning of its message. */
const RECORD_BYTES_MAX = 64 * 1024
const MESSAGE_CHARACTERS_MAX = 1024

/** ERROR's payload. */
export function encodeError (error: CloudError): Uint8Array {
  const record = error.toJSON()
  const bytes = packr.pack(record)
  if (bytes.byteLength <= RECORD_BYTES_MAX) return bytes
  return packr.pack({ code: record.code, message: record.message.slice(0, MESSAGE_CHARACTERS_MAX) })
}

/** What ERROR's payload says; EPROTO when it cannot be read. */
export function decodeError (payload: Uint8Array): CloudError {
  if (payload.byteLength > RECORD_BYTES_MAX) return reviveError(undefined)
  try {
    return reviveError(packr.unpack(payload))
  } catch {
    return reviveError(undefined) // what msgpackr throws says nothing that the code EPROTO does not
  }
}
