import type { Cancel, NodeId } from '@welkin/interface'
import type { LinkQuality, LinksBetween } from '@welkin/links'
import type { Cloud } from '../cloud.ts'

/** What befalls links, for a while. */
export interface LinkFault {
  covers: (from: NodeId, to: NodeId) => boolean
  change: (quality: LinkQuality) => LinkQuality
}

/** Faults of links, laid over the links of a cloud; any number at a time. */
export class LinkFaults {
  readonly #network: Cloud['network']
  readonly #base: LinksBetween
  readonly #faults = new Set<LinkFault>()

  constructor (network: Cloud['network'], base: LinksBetween) {
    this.#network = network
    this.#base = base
  }

  add (fault: LinkFault): Cancel {
    this.#faults.add(fault)
    this.#lay()
    return () => {
      if (this.#faults.delete(fault)) this.#lay()
    }
  }

  #lay (): void {
    const faults = [...this.#faults]
    this.#network.useLinks((from, to) => {
      let quality = this.#base(from, to)
      for (const { covers, change } of faults) if (covers(from, to)) quality = change(quality)
      return quality
    })
  }
}

/** Nothing passes. */
export function cutOff (quality: LinkQuality): LinkQuality {
  return { ...quality, cut: true }
}
