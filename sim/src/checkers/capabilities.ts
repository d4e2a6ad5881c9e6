import { decode } from '@welkin/abi'
import type { Grant, Resource } from '@welkin/capability'
import type { Node } from '@welkin/daemon'
import { toHex, type Keys, type NodeId } from '@welkin/interface'
import type { VirtualCloud } from '../virtual-cloud.ts'

type Executed = Parameters<NonNullable<Node['authentication']>['spend']>
type Link = [
  kind: string, issuer: NodeId, audience: NodeId, isProxy: boolean, grants: readonly Grant[],
  notBeforeMs: number | null, expiresMs: number, parent: Uint8Array | null
]

const SKEW_MS = 300_000

/**
 * No call is executed without a capability that is valid then: each is verified once more as it begins, by other code,
 * which is plain and slow, and believes nothing that the node has remembered.
 */
export function checkCapabilities (cloud: VirtualCloud, node: Node, fault: (what: string) => void): void {
  const { authentication } = node
  if (authentication === undefined) return
  const spend = authentication.spend.bind(authentication)
  authentication.spend = async (...executed: Executed) => {
    const why = faultOf(cloud, node, executed)
    if (why !== undefined) fault(`${node.id} executes ${executed[1].name} for ${executed[0].kind}: ${why}`)
    await spend(...executed)
  }
}

/** Why this call must not be executed there now. */
function faultOf (cloud: VirtualCloud, node: Node, [caller, { row }, resource]: Executed): string | undefined {
  if (row.capability === 'none') return undefined
  const revoked = revokedAt(cloud, node)
  if (caller.kind === 'node') {
    if (row.peers !== true) return 'a node asks what nodes may not'
    return revoked.has(caller.id) ? 'its node was removed' : undefined
  }
  const about = row.filtered === true ? 'unknown' : resource
  const rights = caller.kind === 'object' ? node.processes.rightsOf(caller.id) : undefined
  if (caller.kind === 'object') {
    if (rights === undefined) return 'the object is gone'
    const isOwn = row.capability.startsWith('processes.') && (about === 'unknown' ||
      about?.names.includes(`object:${caller.id}`) === true)
    if (!isOwn && !rights.can.some(pattern => isNamed(pattern, row.capability))) return 'its spec does not list that'
  }
  const wires = caller.kind === 'principal'
    ? caller.authority.links.map(({ wire }) => wire)
    : rights?.chain ?? node.authentication?.factotum.ownChain() ?? []
  const isOutsider = caller.kind === 'principal' && !caller.actsOn
  return chainFault(cloud, node, { wires, revoked, holder: isOutsider ? undefined : node.id }) ??
    linksOf(wires).map((_, at, links) => grantFault(cloud, node, links.slice(0, at + 1), row.capability, about))
      .find(found => found !== undefined)
}

function chainFault (cloud: VirtualCloud, node: Node, { wires, revoked, holder }: {
  wires: readonly Uint8Array[], revoked: ReadonlySet<string>, holder: NodeId | undefined
}): string | undefined {
  const keys = cloud.authority.keysOf(node.id)
  const nowMs = wallMsAt(cloud, node)
  let by = cloud.root?.key.self
  let above: string | undefined
  for (const [at, [, issuer, audience, , , notBeforeMs, expiresMs, parent]] of linksOf(wires).entries()) {
    const wire = wires[at] as Uint8Array
    if (issuer !== by) return 'a link is not by whom the one above is for'
    if ((parent === null ? undefined : toHex(parent)) !== above) return 'a link names another above it'
    if (!keys.verify(issuer, wire.subarray(64), wire.subarray(0, 64))) return 'a signature is wrong'
    if (nowMs >= expiresMs) return 'a link has expired'
    if (notBeforeMs !== null && nowMs < notBeforeMs - SKEW_MS) return 'a link is not valid yet'
    above = cidOf(wire, keys)
    if ([above, issuer, audience].some(one => revoked.has(one))) return 'a link was revoked'
    by = audience
  }
  if (above === undefined) return 'there is no chain'
  return holder === undefined || holder === by ? undefined : 'its chain is for somebody else'
}

/** Why the last of these links does not permit it. */
function grantFault (
  cloud: VirtualCloud, node: Node, links: readonly Link[], can: string, about: Resource | 'unknown' | undefined
): string | undefined {
  const [, root = ''] = links[0] ?? []
  const principal = links.reduce((before, [, , audience, isProxy]) => isProxy ? before : audience, root)
  const nowMs = wallMsAt(cloud, node)
  const zone = `${cloud.zoneOf(node.id)}/`
  const isMeant = (pattern: string): boolean => {
    if (about === undefined) return false
    if (about === 'unknown') return true
    if (pattern === 'own') return about.owner === principal
    if (!pattern.endsWith('*')) return about.names.includes(pattern)
    return about.names.some(name => name.startsWith(pattern.slice(0, -1)))
  }
  const fits = (grant: Grant): boolean => grant.can.some(pattern => isNamed(pattern, can)) &&
    (grant.on?.some(isMeant) ?? true) && (grant.nodes?.includes(node.id) ?? true) &&
    zone.startsWith(grant.zone === undefined ? '' : `${grant.zone}/`) && nowMs < (grant.untilMs ?? Infinity)
  return links.at(-1)?.[4].some(fits) === true ? undefined : `a link does not permit ${can}`
}

/** What counts of what the node has heard: nobody counts whom somebody nearer to the root has revoked. */
function revokedAt (cloud: VirtualCloud, node: Node): ReadonlySet<string> {
  const keys = cloud.authority.keysOf(node.id)
  const heard = node.authentication?.revocations.list() ?? []
  const revoked = new Set<string>()
  for (let depth = 0; depth <= 32; depth++) {
    const counts = heard.filter(({ chain, issuer }) => chain.length === depth && !revoked.has(issuer) &&
      linksOf(chain).every(([, by], at) => !revoked.has(by) && !revoked.has(cidOf(chain[at] as Uint8Array, keys))))
    for (const { target } of counts) revoked.add(target)
  }
  return revoked
}

function linksOf (wires: readonly Uint8Array[]): Link[] {
  return wires.map(wire => decode(wire.subarray(64)) as Link)
}

function cidOf (wire: Uint8Array, keys: Keys): string {
  return toHex(keys.digest().update(wire).done())
}

function isNamed (pattern: string, can: string): boolean {
  return pattern === '*' || pattern === can || (pattern.endsWith('.*') && can.startsWith(pattern.slice(0, -1)))
}

function wallMsAt (cloud: VirtualCloud, node: Node): number {
  return cloud.machines.get(node.id)?.quartz.wallMs() ?? 0
}
