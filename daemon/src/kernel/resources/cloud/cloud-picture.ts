import { CloudError, type NodeId, type SiteSummary, type Zone } from '@welkin/interface'
import type { SpokenSummary } from './summary.ts'

interface Known { spoken: SpokenSummary, statedMs: number }

/**
 * The latest summary of each other site, and whoever spoke it. Several delegates speak for a site, each counting for
 * itself; of two summaries the one that was said later counts. Pure: time is given.
 */
export class CloudPicture {
  readonly #sitesMax: number
  readonly #sites = new Map<Zone, Known>()

  constructor (sitesMax: number) {
    this.#sitesMax = sitesMax
  }

  get size (): number {
    return this.#sites.size
  }

  /**
   * Whether it was news. `statedMs`: when it was said, as far as can be told. Throws EPROTO for one who speaks for two
   * sites in one life; one who has moved speaks for its new site alone.
   */
  hear (spoken: SpokenSummary, statedMs: number): boolean {
    const { summary: { site }, speaker, incarnation, sequence } = spoken
    const former = this.#spokenBy(speaker)
    if (former !== undefined && former.summary.site !== site) {
      if (incarnation === former.incarnation) throw new CloudError('EPROTO', 'A node speaks for two sites.')
      if (incarnation < former.incarnation) return false
      this.#sites.delete(former.summary.site)
    }
    const known = this.#sites.get(site)
    if (known === undefined && this.#sites.size >= this.#sitesMax) return false
    if (known !== undefined) {
      const isSameSpeaker = known.spoken.speaker === speaker
      const isOlder = incarnation < known.spoken.incarnation ||
        (incarnation === known.spoken.incarnation && sequence <= known.spoken.sequence)
      if (isSameSpeaker ? isOlder : statedMs <= known.statedMs) return false
    }
    this.#sites.set(site, { spoken, statedMs })
    return true
  }

  /** In order of the sites' names. */
  summaries (nowMs: number): SiteSummary[] {
    return [...this.#sites.values()]
      .map(({ spoken, statedMs }) => ({ ...spoken.summary, ageMs: Math.max(0, nowMs - statedMs) }))
      .toSorted((a, b) => a.site < b.site ? -1 : 1)
  }

  /** As they came, to be passed on. */
  spoken (nowMs: number): Array<{ wire: Uint8Array, ageMs: number }> {
    return Array.from(this.#sites.values(), ({ spoken, statedMs }) => ({ wire: spoken.wire, ageMs: nowMs - statedMs }))
  }

  /** Who can be asked in each site. */
  delegates (): Array<{ site: Zone, id: NodeId, addresses: readonly string[] }> {
    return [...this.#sites.values()].flatMap(({ spoken: { summary: { site, delegates } } }) =>
      delegates.map(({ id, addresses }) => ({ site, id, addresses })))
  }

  /** Drops sites of which nothing was heard for so long; says which. */
  expire (nowMs: number, expireMs: number): SiteSummary[] {
    const expired = [...this.#sites.values()].filter(({ statedMs }) => nowMs - statedMs >= expireMs)
    for (const { spoken: { summary } } of expired) this.#sites.delete(summary.site)
    return expired.map(({ spoken, statedMs }) => ({ ...spoken.summary, ageMs: nowMs - statedMs }))
  }

  #spokenBy (speaker: NodeId): SpokenSummary | undefined {
    for (const { spoken } of this.#sites.values()) if (spoken.speaker === speaker) return spoken
    return undefined
  }
}
