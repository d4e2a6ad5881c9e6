import { CloudError, ERRORS, type ErrorRecord } from '@welkin/interface'
import { targetOf } from './target.ts'

/** What the head of a request says: whom it wants, as `NAME:PORT`, and what goes on to it in place of the head. */
export interface ProxiedHead {
  target: string
  /** Undefined for CONNECT: all that follows the head goes on as it is. */
  onward: Uint8Array | undefined
  usedBytes: number
}

const HEAD_END = '\r\n\r\n'
/** Between one proxy and its client alone (RFC 9110, section 7.6.1). */
const HOP_BY_HOP = ['connection', 'proxy-connection', 'proxy-authorization', 'proxy-authenticate', 'keep-alive', 'te']
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const FIELD = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+:/

/**
 * The head of a request to a proxy: CONNECT, or one with an absolute form. Each connection carries one request on: the
 * next may be for somebody else. Undefined: not all of it has come. Throws EPROTO, and EINVAL for what is no request to
 * a proxy.
 */
export function readHead (bytes: Uint8Array): ProxiedHead | undefined {
  const text = latin1(bytes)
  const end = text.indexOf(HEAD_END)
  if (end === -1) return undefined
  const [first = '', ...fields] = text.slice(0, end).split('\r\n')
  const [method = '', target = '', version = '', ...more] = first.split(' ')
  if (!TOKEN.test(method) || !/^HTTP\/1\.[01]$/.test(version) || more.length > 0) throw malformed('its first line')
  if (!fields.every(field => FIELD.test(field) && !/[\0\r\n]/.test(field))) throw malformed('a field')
  const usedBytes = end + HEAD_END.length
  if (method === 'CONNECT') return { target: authorityOf(target), onward: undefined, usedBytes }
  const [, authority, path = ''] = /^http:\/\/([^/?#@]+)([/?][^#]*)?$/i.exec(target) ?? []
  if (authority === undefined) {
    const message = 'This is a proxy to names of the cloud: ask it for http://NAME.welkin/, or by CONNECT NAME:PORT.'
    throw new CloudError('EINVAL', message)
  }
  const kept = fields.filter(field => !isDropped(field, fields))
  const isUpgrade = fields.some(field => /^connection:.*\bupgrade\b/i.test(field))
  const lines = [
    `${method} ${path.startsWith('/') ? path : `/${path}`} ${version}`, ...kept,
    ...fields.some(field => /^host:/i.test(field)) ? [] : [`Host: ${authority}`],
    `Connection: ${isUpgrade ? 'Upgrade' : 'close'}`
  ]
  return { target: authorityOf(authority, '80'), onward: bytesOf(lines.join('\r\n') + HEAD_END), usedBytes }
}

/** A whole answer that says why not. */
export function refusal ({ code, message }: Pick<ErrorRecord, 'code' | 'message'>): Uint8Array {
  const { http, meaning } = ERRORS[code]
  const body = `${message} (${code})\n`
  const length = new TextEncoder().encode(body).byteLength
  return bytesOf(`HTTP/1.1 ${http} ${meaning.replaceAll(/[^ -~]/g, '')}\r\n` +
    `Content-Type: text/plain; charset=utf-8\r\nContent-Length: ${length}\r\nConnection: close${HEAD_END}`, body)
}

export const CONNECTED = bytesOf(`HTTP/1.1 200 Connection established${HEAD_END}`)

/** Hop-by-hop fields, and those that `Connection` names. */
function isDropped (field: string, fields: readonly string[]): boolean {
  const name = nameOf(field)
  if (HOP_BY_HOP.includes(name)) return true
  return fields.some(other => nameOf(other) === 'connection' && name !== 'upgrade' &&
    other.slice(other.indexOf(':') + 1).toLowerCase().split(',').some(option => option.trim() === name))
}

function nameOf (field: string): string {
  return field.slice(0, field.indexOf(':')).toLowerCase()
}

function authorityOf (text: string, usual?: string): string {
  const [, ip6, name = ip6, port = usual] = /^(?:\[([^\]]*:[^\]]*)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text) ?? []
  if (name !== undefined && port !== undefined) return targetOf(name, port)
  throw new CloudError('EINVAL', 'Say NAME:PORT; this proxy leads to names of the cloud only.')
}

function malformed (what: string): CloudError {
  return new CloudError('EPROTO', `This is no HTTP request: ${what} cannot be read.`)
}

function latin1 (bytes: Uint8Array): string {
  return Array.from(bytes, byte => String.fromCharCode(byte)).join('')
}

/** Each character of `head` is a byte; `body` is UTF-8. */
function bytesOf (head: string, body = ''): Uint8Array {
  return new Uint8Array([...Array.from(head, character => character.charCodeAt(0)), ...new TextEncoder().encode(body)])
}
