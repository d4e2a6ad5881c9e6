import { domainsOf, ignoreFault, isInDomain, RESERVED_DOMAINS, type Clock } from '@welkin/interface'
import type { Naming } from '@welkin/naming'
import { putBounded } from '@welkin/async'

export interface DomainsPorts { names: Pick<Naming, 'list'>, clock: Clock }

const KNOWN_MAX = 10_000
/** What was a domain is held to be one for so long. */
const KNOWN_MS = 60_000
const LIST_TIMEOUT_MS = 1000
/** All nodes are asked who knows names below one; nobody can make us do that more often. */
const LISTS_AT_ONCE = 5
const LIST_PERIOD_MS = 1000

/**
 * Which names have others below them, though they stand for nothing themselves: of these it must not be said that they
 * do not exist, or resolvers take it that nothing below does either (RFC 8020).
 */
export class Domains {
  readonly #ports: DomainsPorts
  readonly #cloud: string
  readonly #untilMs = new Map<string, number>()
  #lists = LISTS_AT_ONCE
  #sinceMs = 0

  constructor (ports: DomainsPorts, cloud: string) {
    this.#ports = ports
    this.#cloud = cloud
  }

  /** That there is something by a name shows that there are the domains it is in. */
  note (name: string): void {
    const untilMs = this.#ports.clock.monotonicMs() + KNOWN_MS
    for (const domain of domainsOf(name).slice(1)) {
      this.#untilMs.delete(domain)
      putBounded(this.#untilMs, domain, untilMs, KNOWN_MAX)
    }
  }

  async has (name: string): Promise<boolean> {
    const { clock, names } = this.#ports
    if (RESERVED_DOMAINS.some(domain => name === `${domain}.${this.#cloud}`)) return true
    if ((this.#untilMs.get(name) ?? 0) > clock.monotonicMs()) return true
    if (RESERVED_DOMAINS.some(domain => isInDomain(name, `${domain}.${this.#cloud}`)) || !this.#mayList()) return false
    const list = names.list({ under: name }, { timeoutMs: LIST_TIMEOUT_MS })
    const found = await list.catch((error: unknown) => { ignoreFault(error) })
    for (const below of found?.names ?? []) this.note(below.name)
    return found !== undefined && found.names.length > 0
  }

  #mayList (): boolean {
    const nowMs = this.#ports.clock.monotonicMs()
    this.#lists = Math.min(LISTS_AT_ONCE, this.#lists + (nowMs - this.#sinceMs) / LIST_PERIOD_MS)
    this.#sinceMs = nowMs
    if (this.#lists < 1) return false
    this.#lists--
    return true
  }
}
