import { CloudError, isSameBytes, type Keys, type NodeId } from '@welkin/interface'
import { cidOf, isSigned, openDelegation, type Delegation } from './delegation.ts'
import { refusalBy, type Wanted } from './grant.ts'

/** Links of a chain: root, user, session, node and a few hand-overs. */
const CHAIN_MAX = 16
/** Chains that are kept verified, and of how many bytes: whoever has one can make any number of longer ones. */
const KEPT_MAX = 20_000
const KEPT_BYTES_MAX = 32 << 20
/** What begins so soon counts as begun: clocks differ. What has ended has ended. */
const SKEW_MS = 5 * 60_000

/** What a chain gives to whoever holds the key at its end. */
export interface Authority {
  /** For whom calls are made: the last who was granted something for itself. */
  readonly principal: NodeId
  /** Whose key may use it. */
  readonly holder: NodeId
  readonly links: readonly Delegation[]
  /** When the first of its links ends; wall clock. */
  readonly expiresMs: number
  /** Whether all of it is valid now. */
  readonly holds: boolean
  /** Whether some of it was taken back; unlike time, that also ends what has begun. */
  readonly isRevoked: boolean
  /** Why it does not permit this now, in words that follow "since"; undefined: it does. */
  refusal (wanted: Wanted): string | undefined
  /** For each link that permits this by counted grants alone: those grants, of one of which the call takes a use. */
  counted (wanted: Wanted): ReadonlyArray<readonly Counted[]>
}

/** A grant that may be used so often. */
export interface Counted {
  /** The link and the grant in it: under this its uses are counted. */
  readonly key: string
  readonly uses: number
}

export interface VerifierPorts {
  keys: Pick<Keys, 'verify' | 'digest'>
  /** The time of day. */
  wallMs: () => number
  /** Whose word is law. */
  isRoot: (principal: NodeId) => boolean
  /** Whether a delegation, or a principal with all that it has handed over, was taken back. */
  isRevoked: (cidOrPrincipal: string) => boolean
}

/**
 * Verifies chains of delegations, and remembers those that held, byte by byte. What can change, time and revocations,
 * is looked at each time.
 */
export class Verifier {
  readonly #ports: VerifierPorts
  readonly #kept = new Map<number, ChainAuthority>()
  #keptBytes = 0

  constructor (ports: VerifierPorts) {
    this.#ports = ports
  }

  /** Throws EACCES for a chain that gives nothing (now), EPROTO for what is none. */
  verify (chain: readonly Uint8Array[]): Authority {
    const authority = this.#open(chain)
    authority.checkNow()
    return authority
  }

  /** What the chain gives, has given or will give, at whatever time. Throws EACCES, EPROTO. */
  verifyEver (chain: readonly Uint8Array[]): Authority {
    return this.#open(chain)
  }

  #open (chain: readonly Uint8Array[]): ChainAuthority {
    const last = chain.at(-1)
    if (last === undefined) throw refused('it is empty')
    if (chain.length > CHAIN_MAX) throw refused(`it has more than ${CHAIN_MAX} links`)
    const key = keyOf(last)
    const known = this.#kept.get(key)
    if (known?.isOf(chain) === true) return known
    const authority = this.#verifyLinks(chain)
    this.#keep(key, authority)
    return authority
  }

  /** What stands above the last link is known more often than not: nodes hand on the same chain again and again. */
  #verifyLinks (chain: readonly Uint8Array[]): ChainAuthority {
    const { keys, isRoot } = this.#ports
    const wire = new Uint8Array(chain.at(-1) as Uint8Array)
    const link = openDelegation(wire, cidOf(wire, keys))
    const links = chain.length === 1 ? [] : this.#open(chain.slice(0, -1)).links
    const above = links.at(-1)
    if (above === undefined && !isRoot(link.issuer)) throw refused('it does not begin at a root of this cloud')
    if (above === undefined && link.parent !== undefined) throw refused('its beginning is missing')
    if (above !== undefined && link.issuer !== above.audience) throw refused('somebody hands on what is not theirs')
    if (above !== undefined && link.parent !== above.cid) throw refused('a link belongs to another chain')
    if (!isSigned(link, keys)) throw refused('a signature is wrong')
    return new ChainAuthority([...links, link], this.#ports)
  }

  #keep (key: number, authority: ChainAuthority): void {
    this.#keptBytes += authority.sizeBytes - (this.#kept.get(key)?.sizeBytes ?? 0)
    this.#kept.set(key, authority)
    for (const [oldest, { sizeBytes }] of this.#kept) {
      if (this.#kept.size <= KEPT_MAX && this.#keptBytes <= KEPT_BYTES_MAX) return
      this.#kept.delete(oldest)
      this.#keptBytes -= sizeBytes
    }
  }
}

class ChainAuthority implements Authority {
  readonly links: readonly Delegation[]
  readonly principal: NodeId
  readonly holder: NodeId
  readonly expiresMs: number
  readonly sizeBytes: number
  readonly #beginsMs: number
  readonly #ports: VerifierPorts
  readonly #isCounted: boolean
  /** Who acts for whom at each link: what is `own` to it. */
  readonly #principals: readonly NodeId[]

  constructor (links: readonly Delegation[], ports: VerifierPorts) {
    this.links = links
    this.#ports = ports
    this.holder = (links.at(-1) as Delegation).audience
    this.#principals = principalsOf(links)
    this.#isCounted = links.some(({ grants }) => grants.some(({ uses }) => uses !== undefined))
    this.principal = this.#principals.at(-1) as NodeId
    this.expiresMs = Math.min(...links.map(({ expiresMs }) => expiresMs))
    this.sizeBytes = links.reduce((sum, { wire }) => sum + wire.byteLength, 0)
    this.#beginsMs = Math.max(0, ...links.map(({ notBeforeMs = 0 }) => notBeforeMs))
  }

  /** Whether these are its links. */
  isOf (chain: readonly Uint8Array[]): boolean {
    if (chain.length !== this.links.length) return false
    for (let at = 0; at < chain.length; at++) {
      if (!isSameBytes((this.links[at] as Delegation).wire, chain[at] as Uint8Array)) return false
    }
    return true
  }

  get holds (): boolean {
    return this.#fault() === undefined
  }

  get isRevoked (): boolean {
    const { isRevoked } = this.#ports
    for (const { cid, issuer, audience } of this.links) {
      if (isRevoked(cid) || isRevoked(issuer) || isRevoked(audience)) return true
    }
    return false
  }

  checkNow (): void {
    const fault = this.#fault()
    if (fault !== undefined) throw refused(fault)
  }

  #fault (): string | undefined {
    const nowMs = this.#ports.wallMs()
    if (nowMs >= this.expiresMs) return 'it has expired; log in again, or ask for another'
    if (nowMs < this.#beginsMs - SKEW_MS) return 'it is not valid yet'
    return this.isRevoked ? 'it was revoked' : undefined
  }

  refusal (wanted: Wanted): string | undefined {
    const nowMs = this.#ports.wallMs()
    for (let at = 0; at < this.links.length; at++) {
      const { grants } = this.links[at] as Delegation
      const refusal = refusalBy(grants, wanted, this.#ownerAt(at), nowMs)
      if (refusal !== undefined) return refusal
    }
    return undefined
  }

  counted (wanted: Wanted): ReadonlyArray<readonly Counted[]> {
    if (!this.#isCounted) return []
    const nowMs = this.#ports.wallMs()
    return this.links.flatMap(({ cid, grants }, at) => {
      const fitting = [...grants.entries()].filter(([, grant]) =>
        refusalBy([grant], wanted, this.#ownerAt(at), nowMs) === undefined)
      // A grant without a count that permits it as well is used first.
      const counted = fitting.flatMap(([nth, { uses }]) => uses === undefined ? [] : [{ key: `${cid}/${nth}`, uses }])
      return counted.length > 0 && counted.length === fitting.length ? [counted] : []
    })
  }

  /** `own` is what the one who was permitted has made; further down, also what it lets others do in its name. */
  #ownerAt (at: number): NodeId {
    return this.#principals[at] as NodeId
  }
}

/** For whom each link's audience acts. */
function principalsOf (links: readonly Delegation[]): NodeId[] {
  const principals: NodeId[] = []
  for (const { audience, issuer, proxy } of links) {
    principals.push(proxy ? principals.at(-1) ?? issuer : audience)
  }
  return principals
}

/** Six bytes of the signature: enough to find it by. */
function keyOf (last: Uint8Array): number {
  let key = 0
  for (let at = 0; at < 6; at++) key = key * 256 + (last[at] ?? 0)
  return key
}

function refused (why: string): CloudError {
  return new CloudError('EACCES', `This capability is not accepted here: ${why}.`)
}
