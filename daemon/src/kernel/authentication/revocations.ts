import { cidOf, openDelegation, openRevocation, Verifier, type Revocation } from '@welkin/capability'
import { CloudError, isCloudError, type Clock, type Disk, type Keys, type Logger, type NodeId } from '@welkin/interface'

const PREFIX = 'authentication/revoked/'
const KEPT_MAX = 10_000
/** Whoever may take back what others have given. */
const CAPABILITY = 'access.revoke'

export interface RevocationsPorts {
  clock: Clock
  disk: Disk
  keys: Keys
  log: Logger
  root: NodeId
}

/**
 * What was taken back, as far as this node has heard, kept until it would have ended by itself. Which of them count is
 * the same wherever the same are known, in whatever order they came: those nearer to the root are heard first, and
 * whom they revoke revokes nobody.
 */
export class Revocations {
  readonly #ports: RevocationsPorts
  readonly #verifier: Verifier
  readonly #kept = new Map<string, Revocation>()
  #effective = new Set<string>()
  #digest: Uint8Array

  constructor (ports: RevocationsPorts) {
    this.#ports = ports
    this.#verifier = new Verifier({
      keys: ports.keys, wallMs: () => ports.clock.wallMs(), isRoot: id => id === ports.root, isRevoked: () => false
    })
    this.#digest = ports.keys.digest().done()
  }

  /** Reads what earlier lives have heard. */
  async load (): Promise<void> {
    const { disk, keys, log } = this.#ports
    for (const { key, value } of await disk.records.list(PREFIX)) {
      try {
        this.#keep(openRevocation(value, keys), cidOf(value, keys))
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
    return [...this.#kept.values()].map(({ wire }) => wire)
  }

  list (): readonly Revocation[] {
    return [...this.#kept.values()]
  }

  /** Those of `all` that are not among these. */
  lacking (known: readonly Uint8Array[]): readonly Uint8Array[] {
    const cids = new Set(known.map(wire => cidOf(wire, this.#ports.keys)))
    return [...this.#kept].filter(([cid]) => !cids.has(cid)).map(([, { wire }]) => wire)
  }

  /**
   * Keeps what is news and was said by somebody who may say it; resolves when it is durable, with what was news.
   * Rejects EPROTO for what cannot be read, EACCES for what its issuer may not say.
   */
  async add (wires: readonly Uint8Array[]): Promise<readonly Revocation[]> {
    const { clock, disk, keys, log } = this.#ports
    const news = new Map<string, Revocation>()
    for (const wire of wires) {
      const cid = cidOf(wire, keys)
      if (this.#kept.has(cid)) continue
      const revocation = openRevocation(wire, keys)
      if (revocation.expiresMs <= clock.wallMs()) continue
      this.#checkIssuer(revocation)
      news.set(cid, revocation)
    }
    if (news.size === 0) return []
    for (const [cid, revocation] of news) this.#keep(revocation, cid)
    this.#settle()
    try {
      await disk.records.write([...news].map(([cid, { wire }]) => ({ key: PREFIX + cid, value: wire })))
    } catch (error) {
      if (!isCloudError(error)) throw error
      log.warn('authentication.revocation_not_kept', { code: error.code })
    }
    return [...news.values()]
  }

  /** Lets go of those of things that have ended by themselves. */
  async sweep (): Promise<void> {
    const nowMs = this.#ports.clock.wallMs()
    const old = [...this.#kept].filter(([, { expiresMs }]) => expiresMs <= nowMs).map(([cid]) => cid)
    if (old.length === 0) return
    for (const cid of old) this.#kept.delete(cid)
    this.#settle()
    await this.#ports.disk.records.write(old.map(cid => ({ key: PREFIX + cid, value: undefined })))
  }

  #keep (revocation: Revocation, cid: string): void {
    if (this.#kept.size >= KEPT_MAX) throw new CloudError('ENOSPC', 'Too many revocations are kept here.')
    this.#kept.set(cid, revocation)
  }

  /** Throws EACCES. */
  #checkIssuer (revocation: Revocation): void {
    const { target, issuer, chain } = revocation
    if (target === this.#ports.root) throw forbidden()
    if (issuer === this.#ports.root || target === issuer || this.#hasIssued(revocation)) return
    const authority = this.#verifier.verify(chain)
    const where = { node: '', zone: '' }
    if (authority.holder === issuer && authority.refusal({ can: CAPABILITY, ...where }) === undefined) return
    throw forbidden()
  }

  /** Whether the issuer shows that it has given what it takes back, or what that comes from. */
  #hasIssued ({ target, issuer, chain }: Revocation): boolean {
    const { keys } = this.#ports
    const links = chain.map(wire => openDelegation(wire, cidOf(wire, keys)))
    const at = links.findIndex(({ cid, audience }) => cid === target || audience === target)
    if (at < 0 || !links.slice(0, at + 1).some(link => link.issuer === issuer)) return false
    this.#verifier.verify(chain.slice(0, at + 1))
    return true
  }

  #settle (): void {
    const digest = this.#ports.keys.digest()
    for (const cid of [...this.#kept.keys()].toSorted()) digest.update(new TextEncoder().encode(cid))
    this.#digest = digest.done()
    const effective = new Set<string>()
    const kept = [...this.#kept.values()]
    for (const depth of [...new Set(kept.map(depthOf))].toSorted((a, b) => a - b)) {
      const heard = kept.filter(one => depthOf(one) === depth && !this.#isSilenced(one, effective))
      for (const { target } of heard) effective.add(target)
    }
    this.#effective = effective
  }

  #isSilenced ({ issuer, chain }: Revocation, effective: ReadonlySet<string>): boolean {
    const { keys } = this.#ports
    if (effective.has(issuer)) return true
    return chain.map(wire => openDelegation(wire, cidOf(wire, keys)))
      .some(link => effective.has(link.cid) || effective.has(link.issuer))
  }
}

/** How far from the root: the root itself shows no chain. */
function depthOf ({ chain }: Revocation): number {
  return chain.length
}

function forbidden (): CloudError {
  return new CloudError('EACCES', 'Only who has given something, or may do "access.revoke", can take it back.')
}
