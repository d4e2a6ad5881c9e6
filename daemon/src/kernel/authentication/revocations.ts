import { cidOf, openDelegation, openRevocation, Verifier, type Revocation } from '@welkin/capability'
import { CloudError, isCloudError, type Clock, type Disk, type Keys, type Logger, type NodeId } from '@welkin/interface'

const PREFIX = 'authentication/revoked/'
/** All of them must fit into one message, of 4 MiB. */
const KEPT_BYTES_MAX = 2 << 20
/** Where there is no room for all, so much of one issuer comes before the rest. */
const OF_ONE_ISSUER_BYTES_MAX = 256 << 10
/** Whoever may take back what others have given. */
const CAPABILITY = 'access.revoke'

export interface RevocationsPorts {
  clock: Clock
  disk: Disk
  keys: Keys
  log: Logger
  root: NodeId
}

interface Kept {
  readonly cid: string
  readonly revocation: Revocation
  /** How far from the root: the root itself shows no chain. */
  readonly depth: number
  /** If one of these was taken back, it does not count. */
  readonly by: readonly string[]
}

/**
 * What was taken back, as far as this node has heard, kept until it would have ended by itself. Which of them count is
 * the same wherever the same are known, in whatever order they came: those nearer to the root are heard first, and
 * whom they revoke revokes nobody. Which are kept where there is no room for all is the same everywhere as well.
 */
export class Revocations {
  readonly #ports: RevocationsPorts
  readonly #verifier: Verifier
  readonly #kept = new Map<string, Kept>()
  #effective = new Set<string>()
  #digest: Uint8Array

  constructor (ports: RevocationsPorts) {
    this.#ports = ports
    // Whether a chain entitles to revoke must not depend on when somebody hears of it: its time is not looked at.
    this.#verifier = new Verifier({
      keys: ports.keys, wallMs: () => 0, isRoot: id => id === ports.root, isRevoked: () => false
    })
    this.#digest = ports.keys.digest().done()
  }

  /** Reads what earlier lives have heard. */
  async load (): Promise<void> {
    const { disk, log } = this.#ports
    for (const { key, value } of await disk.records.list(PREFIX)) {
      try {
        this.#keep(this.#open(value))
      } catch (error) {
        if (!isCloudError(error)) throw error
        log.warn('authentication.revocation_unreadable', { key })
      }
    }
    this.#settle()
  }

  /** Whether this delegation, or all of this principal, was taken back. */
  readonly has = (target: string): boolean => this.#effective.has(target)

  /** Stands for all that are kept. */
  get digest (): Uint8Array {
    return this.#digest
  }

  all (): readonly Uint8Array[] {
    return this.list().map(({ wire }) => wire)
  }

  list (): readonly Revocation[] {
    return [...this.#kept.values()].map(({ revocation }) => revocation)
  }

  /** Those of `all` that are not among these. */
  lacking (known: readonly Uint8Array[]): readonly Uint8Array[] {
    const cids = new Set(known.map(wire => cidOf(wire, this.#ports.keys)))
    return [...this.#kept].filter(([cid]) => !cids.has(cid)).map(([, { revocation }]) => revocation.wire)
  }

  /** Throws EPROTO for what cannot be read, EACCES for what its issuer may not say. */
  check (wire: Uint8Array): void {
    this.#checkIssuer(this.#open(wire).revocation)
  }

  /**
   * Keeps what is news and was said by somebody who may say it; resolves when it is durable, with what was news. The
   * rest is passed over: one that is refused must not keep off those that come with it.
   */
  async add (wires: readonly Uint8Array[]): Promise<readonly Revocation[]> {
    const { disk, log } = this.#ports
    const news = wires.flatMap(wire => this.#newsIn(wire) ?? [])
    if (news.length === 0) return []
    for (const kept of news) this.#keep(kept)
    const dropped = this.#dropLast()
    this.#settle()
    try {
      await disk.records.write([
        ...news.map(({ cid, revocation: { wire } }) => ({ key: PREFIX + cid, value: wire })),
        ...dropped.map(cid => ({ key: PREFIX + cid, value: undefined }))
      ])
    } catch (error) {
      if (!isCloudError(error)) throw error
      log.warn('authentication.revocation_not_kept', { code: error.code })
    }
    return news.filter(({ cid }) => this.#kept.has(cid)).map(({ revocation }) => revocation)
  }

  /** Lets go of those of things that have ended by themselves. */
  async sweep (): Promise<void> {
    const nowMs = this.#ports.clock.wallMs()
    const old = [...this.#kept.values()].filter(({ revocation }) => revocation.expiresMs <= nowMs).map(({ cid }) => cid)
    if (old.length === 0) return
    for (const cid of old) this.#kept.delete(cid)
    this.#settle()
    await this.#ports.disk.records.write(old.map(cid => ({ key: PREFIX + cid, value: undefined })))
  }

  #newsIn (wire: Uint8Array): Kept | undefined {
    const { clock, keys, log } = this.#ports
    if (this.#kept.has(cidOf(wire, keys))) return undefined
    try {
      const kept = this.#open(wire)
      if (kept.revocation.expiresMs <= clock.wallMs()) return undefined
      this.#checkIssuer(kept.revocation)
      return kept
    } catch (error) {
      if (!isCloudError(error)) throw error
      log.debug('authentication.revocation_refused', { code: error.code })
      return undefined
    }
  }

  #open (wire: Uint8Array): Kept {
    const { keys } = this.#ports
    const revocation = openRevocation(wire, keys)
    const links = revocation.chain.map(link => openDelegation(link, cidOf(link, keys)))
    const by = [revocation.issuer, ...links.flatMap(({ cid, issuer }) => [cid, issuer])]
    return { cid: cidOf(wire, keys), revocation, depth: links.length, by }
  }

  #keep (kept: Kept): void {
    this.#kept.set(kept.cid, kept)
  }

  /**
   * Makes room, and says what had to go: what was said farthest from the root, after what is beyond any one issuer's
   * share. So nobody can fill it to keep out who revokes him.
   */
  #dropLast (): string[] {
    const shares = new Map<NodeId, number>()
    const within: Kept[] = []
    const beyond: Kept[] = []
    for (const kept of [...this.#kept.values()].toSorted(byDepth)) {
      const { issuer, wire } = kept.revocation
      const share = (shares.get(issuer) ?? 0) + wire.byteLength
      shares.set(issuer, share)
      ;(share <= OF_ONE_ISSUER_BYTES_MAX ? within : beyond).push(kept)
    }
    let bytes = 0
    const dropped = [...within, ...beyond].filter(({ revocation: { wire } }) => {
      bytes += wire.byteLength
      return bytes > KEPT_BYTES_MAX
    })
    for (const { cid } of dropped) this.#kept.delete(cid)
    return dropped.map(({ cid }) => cid)
  }

  /** Throws EACCES. */
  #checkIssuer (revocation: Revocation): void {
    const { target, issuer, chain } = revocation
    if (target === this.#ports.root) throw forbidden()
    if (issuer === this.#ports.root || this.#hasIssued(revocation)) return
    const authority = this.#verifier.verifyEver(chain)
    if (authority.holder !== issuer) throw forbidden()
    const isOwn = target === issuer
    if (isOwn || authority.refusal({ can: CAPABILITY, node: '', zone: '' }) === undefined) return
    throw forbidden()
  }

  /**
   * Whether the issuer shows that it has given what it takes back, or what that comes from. What somebody has is more
   * than what one issuer has given: a principal as a whole is not taken back by whoever has given it something.
   */
  #hasIssued ({ target, issuer, chain }: Revocation): boolean {
    const { keys } = this.#ports
    const at = chain.findIndex(wire => cidOf(wire, keys) === target)
    if (at < 0) return false
    return this.#verifier.verifyEver(chain.slice(0, at + 1)).links.some(link => link.issuer === issuer)
  }

  #settle (): void {
    const digest = this.#ports.keys.digest()
    for (const cid of [...this.#kept.keys()].toSorted()) digest.update(new TextEncoder().encode(cid))
    this.#digest = digest.done()
    const effective = new Set<string>()
    const kept = [...this.#kept.values()].toSorted(byDepth)
    for (let at = 0; at < kept.length;) {
      const depth = kept[at]?.depth
      const heard: string[] = []
      for (; kept[at]?.depth === depth && at < kept.length; at++) {
        const { by, revocation } = kept[at] as Kept
        if (!by.some(one => effective.has(one))) heard.push(revocation.target)
      }
      for (const target of heard) effective.add(target)
    }
    this.#effective = effective
  }
}

function byDepth (a: Kept, b: Kept): number {
  return a.depth - b.depth || (a.cid < b.cid ? -1 : 1)
}

function forbidden (): CloudError {
  return new CloudError('EACCES', 'Only who has given something, or may do "access.revoke", can take it back.')
}
