/** A node's id: its Ed25519 public key in libp2p's PeerId form (`12D3Koo...`); in virtual time a short name (`n17`). */
export type NodeId = string & { readonly __node?: never }

/** An object's id: 128 random bits, 32 hexadecimal digits. */
export type ObjectId = string & { readonly __object?: never }

/** A cloud process's id: 128 random bits, 32 hexadecimal digits. */
export type CloudProcessId = string & { readonly __cloudProcess?: never }

/** A blob's id: the SHA-256 of its bytes, 64 hexadecimal digits. */
export type BlobId = string & { readonly __blob?: never }

/** Where a node stands: `cloud/site/rack`, e.g. `acme/lyon/r7`; a prefix of it names all nodes below. */
export type Zone = string

/** What a node, an object, a driver or a part of a zone may be called: a DNS label in lower case. */
export const DNS_LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

/** Whether `value` is one to three DNS labels joined by `/`. */
export function isZone (value: string): value is Zone {
  const parts = value.split('/')
  return parts.length >= 1 && parts.length <= 3 && parts.every(part => DNS_LABEL.test(part))
}

/** Whether a node that stands in `zone` is in `prefix`; a zone contains itself. */
export function zoneContains (prefix: Zone, zone: Zone): boolean {
  return zone.startsWith(prefix) && (zone.length === prefix.length || zone[prefix.length] === '/')
}

/** The cloud that a zone lies in: its first label, by which the cloud's names end. */
export function cloudOf (zone: Zone): string {
  return zone.split('/', 1)[0] as string
}

/** The site that a zone lies in, `cloud/site`; a zone that names no site is its own. */
export function siteOf (zone: Zone): Zone {
  const rackAt = zone.indexOf('/', zone.indexOf('/') + 1)
  return rackAt < 0 || !zone.includes('/') ? zone : zone.slice(0, rackAt)
}

export function isSameBytes (a: Uint8Array, b: Uint8Array): boolean {
  if (a.byteLength !== b.byteLength) return false
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false
  return true
}

export function toHex (bytes: Uint8Array): string {
  let hex = ''
  for (const byte of bytes) hex += byte.toString(16).padStart(2, '0')
  return hex
}
