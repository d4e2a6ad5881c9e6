import { decode, encode } from '@welkin/abi'
import { Gate } from '@welkin/async'
import { checkGrants, SECRET_BYTES, type Grant } from '@welkin/capability'
import {
  CloudError, toHex, zoneContains, type Clock, type Disk, type Keys, type NodeId, type Random, type Zone
} from '@welkin/interface'

const PREFIX = 'authentication/tickets/'

/** What an invitation gives, kept by the node that has made it until it is used up or has expired. */
export interface Invitation {
  uses: number
  expiresMs: number
  /** Where the new nodes must stand. */
  zone: Zone | undefined
  /** What they are given, and until when. */
  grants: readonly Grant[]
  memberUntilMs: number
  /** The chain by which this node gives it; empty: the root does. */
  chain: readonly Uint8Array[]
  /** A certificate that is taken back when this is used, since another takes its place; empty: there is none. */
  replaces: readonly Uint8Array[]
  /** Who has used it: a repeat, since the answer was lost, is no use more. */
  usedBy: readonly NodeId[]
}

/** The invitations of this node. A secret is known here by its digest alone. */
export class Tickets {
  readonly #ports: { clock: Clock, disk: Disk, keys: Keys }
  readonly #random: Random
  /** Redemptions take turns: two that come at once must not both have the last use. */
  readonly #turns = new Gate(1)

  constructor (ports: { clock: Clock, disk: Disk, keys: Keys, random: Random }) {
    this.#ports = ports
    this.#random = ports.random.fork('tickets')
  }

  /** Resolves with the secret of a new ticket when it is durable. */
  async issue (invitation: Omit<Invitation, 'usedBy'>): Promise<Uint8Array> {
    const secret = this.#random.bytes(SECRET_BYTES)
    await this.#sweep()
    await this.#write(this.#keyOf(secret), { ...invitation, usedBy: [] })
    return secret
  }

  /** Takes a use for a node that is to stand in `zone`, durably. Rejects EACCES. */
  async redeem (secret: Uint8Array, peer: NodeId, zone: Zone): Promise<Invitation> {
    return await this.#turns.run(async () => await this.#redeem(this.#keyOf(secret), peer, zone))
  }

  /** The same each time: who redeems again gets the certificate that it was given, though that be revoked meanwhile. */
  nonceFor (secret: Uint8Array, peer: NodeId): Uint8Array {
    const { keys } = this.#ports
    return keys.digest().update(secret).update(new TextEncoder().encode(peer)).done().subarray(0, 8)
  }

  async #redeem (key: string, peer: NodeId, zone: Zone): Promise<Invitation> {
    const { clock, disk } = this.#ports
    const kept = await disk.records.get(key)
    if (kept === undefined) throw refused('is not known here, or was used already')
    const invitation = read(kept)
    if (clock.wallMs() >= invitation.expiresMs) throw refused('has expired')
    if (invitation.zone !== undefined && !zoneContains(invitation.zone, zone)) {
      throw refused(`is for ${invitation.zone}, and this node stands in ${zone}; give another by --zone`)
    }
    if (invitation.usedBy.includes(peer)) return invitation
    if (invitation.usedBy.length >= invitation.uses) throw refused('was used already')
    const used = { ...invitation, usedBy: [...invitation.usedBy, peer] }
    await this.#write(key, used)
    return used
  }

  async #write (key: string, invitation: Invitation): Promise<void> {
    const { uses, expiresMs, zone, grants, memberUntilMs, chain, replaces, usedBy } = invitation
    const value = encode([uses, expiresMs, zone ?? null, grants, memberUntilMs, chain, replaces, usedBy])
    await this.#ports.disk.records.write([{ key, value }])
  }

  async #sweep (): Promise<void> {
    const { clock, disk } = this.#ports
    const kept = await disk.records.list(PREFIX)
    const old = kept.filter(({ value }) => read(value).expiresMs <= clock.wallMs())
    if (old.length > 0) await disk.records.write(old.map(({ key }) => ({ key, value: undefined })))
  }

  #keyOf (secret: Uint8Array): string {
    return PREFIX + toHex(this.#ports.keys.digest().update(secret).done())
  }
}

function read (value: Uint8Array): Invitation {
  const [uses, expiresMs, zone, grants, memberUntilMs, chain, replaces, usedBy] = decode(value) as [
    number, number, Zone | null, unknown, number, Uint8Array[], Uint8Array[], NodeId[]
  ]
  return {
    uses, expiresMs, zone: zone ?? undefined, grants: checkGrants(grants), memberUntilMs,
    chain: chain.map(link => new Uint8Array(link)), replaces: replaces.map(link => new Uint8Array(link)), usedBy
  }
}

function refused (why: string): CloudError {
  return new CloudError('EACCES', `This ticket ${why}; "welkin invite" on a node of the cloud makes another.`)
}
