import type { Channel, Link, RequestOptions } from '@welkin/interface'

/** A link that can end. */
export interface EndingLink extends Link { readonly ended: boolean }

/** A link over links that may end: each call goes over the present one, or a new one where that has ended. */
export class MendingLink implements Link {
  readonly #open: () => EndingLink
  #link: EndingLink | undefined

  constructor (open: () => EndingLink) {
    this.#open = open
  }

  async request (payload: Uint8Array, options?: RequestOptions): Promise<Uint8Array> {
    return await this.#present().request(payload, options)
  }

  open (payload: Uint8Array, options?: RequestOptions): Channel {
    return this.#present().open(payload, options)
  }

  #present (): EndingLink {
    if (this.#link === undefined || this.#link.ended) this.#link = this.#open()
    return this.#link
  }
}
