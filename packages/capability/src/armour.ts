import { CloudError, type Keys } from '@welkin/interface'

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

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

export function toBase64Url (bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(at, at + 3)
    const bits = a << 16 | b << 8 | c
    const digits = [18, 12, 6, 0].map(shift => ALPHABET[bits >> shift & 63] as string)
    text += digits.slice(0, Math.min(4, bytes.length - at + 1)).join('')
  }
  return text
}

/** Undefined for what is not base64url. */
export function fromBase64Url (text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) return undefined
  const bytes: number[] = []
  for (let at = 0; at < text.length; at += 4) {
    const digits = [...text.slice(at, at + 4)]
    const bits = digits.reduce((sum, digit, place) => sum | ALPHABET.indexOf(digit) << (18 - 6 * place), 0)
    bytes.push(...[bits >> 16 & 255, bits >> 8 & 255, bits & 255].slice(0, digits.length - 1))
  }
  return Uint8Array.from(bytes)
}
