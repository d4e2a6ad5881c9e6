import { shuffled, type NodeId, type Random, type Zone } from '@welkin/interface'
import type { Contact } from '../site/messages.ts'

const KEPT_MAX = 256

/** Where nodes of this and other sites were said to be found, the latest kept. Pure but for the chance it is given. */
export class Contacts {
  readonly #kept = new Map<NodeId, Contact>()

  add (contact: Contact): void {
    this.#kept.delete(contact.id)
    this.#kept.set(contact.id, contact)
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= KEPT_MAX) return
      this.#kept.delete(oldest)
    }
  }

  all (): Contact[] {
    return [...this.#kept.values()]
  }

  /** Some of those that are not in `site`, in random order. */
  outside (site: Zone, random: Random): Contact[] {
    return shuffled(random, this.all().filter(contact => contact.site !== site))
  }
}
