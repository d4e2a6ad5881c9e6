import { isIPv6 } from 'node:net'

/** The name under which an address is looked up: `4.3.2.1.in-addr.arpa`, or 32 digits and `ip6.arpa` (RFC 3596). */
export function reverseName (address: string): string {
  if (!isIPv6(address)) return `${address.split('.').toReversed().join('.')}.in-addr.arpa`
  const [front = '', back] = address.split('::')
  const groups = (text: string): string[] => text === '' ? [] : text.split(':').flatMap(hexOf)
  const head = groups(front)
  const tail = back === undefined ? [] : groups(back)
  const middle = Array.from({ length: Math.max(0, 8 - head.length - tail.length) }, () => '0000')
  const digits = [...head, ...middle, ...tail].join('')
  return `${[...digits].toReversed().join('.')}.ip6.arpa`
}

/** Whether a question is about what addresses are called. */
export function isReverse (name: string): boolean {
  return name.endsWith('.in-addr.arpa') || name.endsWith('.ip6.arpa')
}

/** Four digits; of an IPv4 address at the end, twice as many. */
function hexOf (group: string): string[] {
  if (!group.includes('.')) return [group.padStart(4, '0')]
  const hex = group.split('.').map(byte => Number(byte).toString(16).padStart(2, '0')).join('')
  return [hex.slice(0, 4), hex.slice(4)]
}
