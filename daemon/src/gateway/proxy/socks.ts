import { CloudError, type ErrorCode } from '@welkin/interface'
import { noAddresses, targetOf } from './target.ts'

export const SOCKS_VERSION = 5
const ANY_METHOD = 0
const PASSWORD = 2
const NO_METHOD = 0xff
const CONNECT = 1
const [IPV4, DOMAIN, IPV6] = [1, 3, 4]

/** What a message of the client's says, and how many bytes of what came it was. */
export interface Read<T> { value: T, usedBytes: number }

/** Replies of RFC 1928, section 6. */
const REPLIES: Partial<Record<ErrorCode, number>> = {
  EACCES: 2, EINVAL: 2, EHOSTUNREACH: 3, ENOENT: 4, EHOSTDOWN: 4, ECONNREFUSED: 5, ESRCH: 5, ETIMEDOUT: 6, ENOSYS: 7
}

/**
 * The client's greeting (RFC 1928, section 3): by which method it is to show who it is, of those it offers. Undefined:
 * not all of it has come. Throws EPROTO.
 */
export function readGreeting (bytes: Uint8Array): Read<number> | undefined {
  const [version, count] = bytes
  if (version !== undefined && version !== SOCKS_VERSION) throw notSocks()
  if (count === undefined || bytes.byteLength < 2 + count) return undefined
  const methods = bytes.subarray(2, 2 + count)
  const value = methods.includes(ANY_METHOD) ? ANY_METHOD : methods.includes(PASSWORD) ? PASSWORD : NO_METHOD
  return { value, usedBytes: 2 + count }
}

export function needsPassword (method: number): boolean {
  return method === PASSWORD
}

export function isRefused (method: number): boolean {
  return method === NO_METHOD
}

/** A name and a password (RFC 1929), whatever they are: who reaches the port is trusted as far as the port goes. */
export function readPassword (bytes: Uint8Array): Read<undefined> | undefined {
  const [version, nameBytes] = bytes
  if (version !== undefined && version !== 1) throw notSocks()
  if (nameBytes === undefined) return undefined
  const passwordBytes = bytes[2 + nameBytes]
  if (passwordBytes === undefined || bytes.byteLength < 3 + nameBytes + passwordBytes) return undefined
  return { value: undefined, usedBytes: 3 + nameBytes + passwordBytes }
}

/** Whom the client wants, as `NAME:PORT` (RFC 1928, section 4). Throws EPROTO, ENOSYS, EACCES for addresses. */
export function readRequest (bytes: Uint8Array): Read<string> | undefined {
  const [version, command, , kind, nameBytes] = bytes
  if (version !== undefined && version !== SOCKS_VERSION) throw notSocks()
  if (kind === undefined || nameBytes === undefined) return undefined
  if (command !== CONNECT) throw new CloudError('ENOSYS', 'This proxy knows no other SOCKS command than CONNECT.')
  if (kind === IPV4 || kind === IPV6) throw noAddresses()
  if (kind !== DOMAIN) throw notSocks()
  const end = 5 + nameBytes
  if (bytes.byteLength < end + 2) return undefined
  const name = String.fromCharCode(...bytes.subarray(5, end))
  const port = ((bytes[end] as number) << 8) | (bytes[end + 1] as number)
  return { value: targetOf(name, port), usedBytes: end + 2 }
}

export function greetingReply (method: number): Uint8Array {
  return new Uint8Array([SOCKS_VERSION, method])
}

export function passwordReply (): Uint8Array {
  return new Uint8Array([1, 0])
}

/** `code`: why not; undefined: it is connected. */
export function requestReply (code?: ErrorCode): Uint8Array {
  const reply = code === undefined ? 0 : REPLIES[code] ?? 1
  return new Uint8Array([SOCKS_VERSION, reply, 0, IPV4, 0, 0, 0, 0, 0, 0])
}

function notSocks (): CloudError {
  return new CloudError('EPROTO', 'This is not SOCKS 5 (RFC 1928).')
}
