import { canonicalName, CloudError, DNS_LABEL } from '@welkin/interface'

/** Whom to talk to. */
export interface DialTarget {
  readonly name: string
  /** Which of its ports, by name; undefined: the only one. */
  readonly port: string | undefined
}

/**
 * Reads `web.alice.acme:http`, or a name alone. Throws EINVAL for what is no name, and for a port that has none.
 */
export function parseDialTarget (text: string): DialTarget {
  const at = text.indexOf(':')
  if (at < 0) return { name: canonicalName(text), port: undefined }
  const port = text.slice(at + 1).toLowerCase()
  if (DNS_LABEL.test(port)) return { name: canonicalName(text.slice(0, at)), port }
  const shown = JSON.stringify(port.slice(0, 80))
  const what = 'put a name of letters, digits and hyphens behind the colon: web.alice.acme:http'
  throw new CloudError('EINVAL', `${shown} names no port; ${what}.`)
}
