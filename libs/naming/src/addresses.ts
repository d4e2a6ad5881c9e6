/** How far an address reaches: the lower, the farther. */
const REACHES: ReadonlyArray<readonly [what: RegExp, reach: number]> = [
  [/^(0\.0\.0\.0|::)$/, 9],
  [/^(127\.|::1$)/, 4],
  [/^(169\.254\.|fe[89ab][0-9a-f]:)/i, 3],
  [/^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|f[cd][0-9a-f]{2}:)/i, 2]
]
const ANYWHERE = 1
const OWN_LINK = 3
const NOWHERE = 9

/**
 * The IP addresses in a node's multiaddrs, those first that others reach: public ones, then private ones. Those that
 * only lead to whoever asks, or along one cable, stand there only where there is nothing else.
 */
export function ipAddressesOf (multiaddrs: readonly string[]): string[] {
  const found = new Set(multiaddrs.flatMap(text => /^\/ip[46]\/([0-9a-f.:]+)/i.exec(text)?.[1] ?? []))
  const known = [...found].map(address => ({ address, reach: reachOf(address) }))
    .filter(({ reach }) => reach < NOWHERE)
    .toSorted((one, other) => one.reach - other.reach)
  const far = known.filter(({ reach }) => reach < OWN_LINK)
  return (far.length > 0 ? far : known).map(({ address }) => address)
}

function reachOf (address: string): number {
  return REACHES.find(([what]) => what.test(address))?.[1] ?? ANYWHERE
}
