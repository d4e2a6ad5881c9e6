import { CloudError, type Keys } from '@welkin/interface'
import { fromString } from 'uint8arrays/from-string'
import { toString } from 'uint8arrays/to-string'

const CHECK_BYTES = 4

/** Bytes as text that can be pasted, `PREFIX` and base64url, with a check against slips of the hand. */
export function armour (prefix: string, bytes: Uint8Array, keys: Pick<Keys, 'digest'>): string {
  const check = keys.digest().update(bytes).done().subarray(0, CHECK_BYTES)
  const whole = new Uint8Array([...bytes, ...check])
  return prefix + toBase64Url(whole)
}

/** The bytes again. Throws EINVAL for any other text; `what` names what was expected. */
export function unarmour (prefix: string, text: string, keys: Pick<Keys, 'digest'>, what: string): Uint8Array {
  const trimmed = text.trim()
  const whole = trimmed.startsWith(prefix) ? fromBase64Url(trimmed.slice(prefix.length)) : undefined
  if (whole === undefined || whole.byteLength <= CHECK_BYTES) {
    throw new CloudError('EINVAL', `This is no ${what}: one begins with ${prefix}, and has letters, digits, - and _.`)
  }
  const bytes = whole.subarray(0, -CHECK_BYTES)
  const check = keys.digest().update(bytes).done()
  if (whole.subarray(-CHECK_BYTES).every((byte, at) => byte === check[at])) return bytes
  throw new CloudError('EINVAL', `This ${what} was cut off or mistyped; copy all of it.`)
}

export function toBase64Url (bytes: Uint8Array): string {
  return toString(bytes, 'base64url')
}

function fromBase64Url (text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) return undefined
  try {
    return fromString(text, 'base64url')
  } catch {
    return undefined // it ends within a byte: it was cut off
  }
}
