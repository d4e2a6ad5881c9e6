import { decode, encode } from '@welkin/abi'
import { CloudError, isCloudError, type Keys } from '@welkin/interface'
import { fromString } from 'uint8arrays/from-string'
import { toString } from 'uint8arrays/to-string'

const CHECK_BYTES = 4

/** Values as text that can be pasted: `PREFIX`, and msgpack in base64url with a check against slips of the hand. */
export function armour (prefix: string, values: readonly unknown[], keys: Pick<Keys, 'digest'>): string {
  const bytes = encode(values)
  const check = keys.digest().update(bytes).done().subarray(0, CHECK_BYTES)
  return prefix + toBase64Url(new Uint8Array([...bytes, ...check]))
}

/** The values again; none for those of another version. Throws EINVAL for any other text; `what` was expected. */
export function unarmour (prefix: string, text: string, keys: Pick<Keys, 'digest'>, what: string): unknown[] {
  const trimmed = text.trim()
  const body = trimmed.slice(prefix.length)
  if (!trimmed.startsWith(prefix) || !/^[A-Za-z0-9_-]+$/.test(body)) {
    throw new CloudError('EINVAL', `This is no ${what}: one begins with ${prefix}, and has letters, digits, - and _.`)
  }
  const whole = fromBase64Url(body)
  const bytes = whole.subarray(0, -CHECK_BYTES)
  const check = keys.digest().update(bytes).done()
  const isWhole = whole.byteLength > CHECK_BYTES && whole.subarray(-CHECK_BYTES).every((byte, at) => byte === check[at])
  if (isWhole) return valuesIn(bytes)
  throw new CloudError('EINVAL', `This ${what} was cut off or mistyped; copy all of it.`)
}

export function toBase64Url (bytes: Uint8Array): string {
  return toString(bytes, 'base64url')
}

function fromBase64Url (text: string): Uint8Array {
  try {
    return fromString(text, 'base64url')
  } catch {
    return new Uint8Array() // bits are left over: it was cut off
  }
}

function valuesIn (bytes: Uint8Array): unknown[] {
  try {
    const values = decode(bytes)
    return Array.isArray(values) ? values : []
  } catch (error) {
    if (!isCloudError(error)) throw error
    return []
  }
}
