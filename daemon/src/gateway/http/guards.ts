import { createHash, timingSafeEqual } from 'node:crypto'
import { CloudError } from '@welkin/interface'
import type { IncomingHttpHeaders } from 'node:http'

const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/

/**
 * Keeps web pages out: a page of another site that was made to resolve to this machine shows its own name in Host, and
 * one that posts here shows its own in Origin. Rejects EACCES.
 */
export function requireLocal ({ host = '', origin }: IncomingHttpHeaders): void {
  if (!LOOPBACK.test(host)) throw new CloudError('EACCES', 'Ask for this daemon by 127.0.0.1 or localhost.')
  if (origin !== undefined && origin !== `http://${host}`) {
    throw new CloudError('EACCES', 'Web pages of other origins may not ask here.')
  }
}

/**
 * Loopback is open to every user of the machine, so that who asks must know what stands in a file of the owner's.
 * Rejects EACCES.
 */
export function requireToken ({ authorization = '' }: IncomingHttpHeaders, token: string): void {
  if (timingSafeEqual(hashed(authorization), hashed(`Bearer ${token}`))) return
  const message = 'Send "Authorization: Bearer TOKEN" with the text of the file http.token in the data directory.'
  throw new CloudError('EACCES', message)
}

function hashed (text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
