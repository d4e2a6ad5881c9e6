import {
  canonicalName, isCloudError, TOP_DOMAIN, type Clock, type Endpoint, type Logger, type Resolved
} from '@welkin/interface'
import { RCODE, TYPE } from './codes.ts'
import type { Domains } from './domains.ts'
import type { Question } from './query.ts'
import { bareAnswer, type Answer, type DnsRecord } from './reply.ts'
import { isReverse } from './reverse.ts'
import { addressRecords, hostName, serviceRecords, targetRecords, textRecords } from './zone-records.ts'

export interface AuthorityPorts {
  resolve: (name: string) => Promise<Resolved>
  domains: Pick<Domains, 'has' | 'note'>
  /** What the nodes with this address are called, by the name under which it is looked up. */
  nodesAt: (reverse: string) => Promise<readonly string[]>
  clock: Clock
  log: Logger
}

export interface AuthorityOptions {
  /** The label by which all names of the cloud end. */
  cloud: string
  /** This node's. */
  nodeName: string
  /** Longest that others may remember where something is, seconds. */
  ttlMaxS: number
  /** For so long others may remember that there is nothing, seconds. */
  nothingTtlS: number
}

/** What a name of the zone stands for; undefined: it is there, and has nothing of its own. */
type Found = { readonly resolved: Resolved | undefined } | 'nothing'

/** Whole replies are kept for so long at the most, milliseconds. */
const KEPT_MS_MAX = 1000
const REFUSED_TYPES: readonly number[] = [TYPE.AXFR, TYPE.IXFR, TYPE.MAILA, TYPE.MAILB]

/** Says of the cloud's domain, `CLOUD.welkin`, what DNS wants to know, and refuses all else. */
export class Authority {
  readonly #ports: AuthorityPorts
  readonly #options: AuthorityOptions
  /** `acme.welkin` */
  readonly #apex: string

  constructor (ports: AuthorityPorts, options: AuthorityOptions) {
    this.#ports = ports
    this.#options = options
    this.#apex = `${options.cloud}.${TOP_DOMAIN}`
  }

  async answer (question: Question): Promise<Answer> {
    const { labels, type } = question
    const name = labels.join('.')
    const isOurs = name === this.#apex || name.endsWith(`.${this.#apex}`)
    if (REFUSED_TYPES.includes(type)) return bareAnswer(RCODE.refused)
    try {
      if (isReverse(name)) return await this.#answerReverse(name, type)
      return isOurs ? await this.#answerName(name, labels, type) : bareAnswer(RCODE.refused, { keepMs: KEPT_MS_MAX })
    } catch (error) {
      if (!isCloudError(error)) throw error
      this.#ports.log.debug('dns.answer_failed', { name, code: error.code })
      return bareAnswer(RCODE.failed, { keepMs: KEPT_MS_MAX })
    }
  }

  async #answerName (name: string, labels: readonly string[], type: number): Promise<Answer> {
    const { service, protocol, rest } = serviceOf(labels)
    const found = await this.#find(rest)
    if (found === 'nothing') return this.#negative(RCODE.noSuchName)
    if (type === TYPE.ANY) return this.#positive([this.#minimal(name)], [], KEPT_MS_MAX)
    if (name === this.#apex && (type === TYPE.SOA || type === TYPE.NS)) return this.#answerApex(type)
    const { resolved } = found
    if (resolved === undefined) return this.#negative(RCODE.ok)
    const ttlS = this.#ttlS(resolved)
    const isService = service !== undefined || protocol !== undefined
    if (isService && !this.#isServed(resolved, service, protocol)) return this.#negative(RCODE.noSuchName)
    const owner = `${resolved.name}.${TOP_DOMAIN}`
    const isAlias = !isService && owner !== name
    const alias: DnsRecord[] = isAlias ? [{ name, type: 'CNAME', ttlS, data: owner }] : []
    if (isAlias && type === TYPE.CNAME) return this.#positive(alias, [], resolved.ttlMs)
    const records = this.#recordsOf(isAlias ? owner : name, type, resolved.endpoints, ttlS, { service, isService })
    if (alias.length + records.length === 0) return this.#negative(RCODE.ok)
    const helpful = targetRecords(records, this.#options.cloud, resolved.endpoints, ttlS)
    return this.#positive([...alias, ...records], helpful, resolved.ttlMs)
  }

  #recordsOf (
    name: string, type: number, endpoints: readonly Endpoint[], ttlS: number,
    { service, isService }: { service: string | undefined, isService: boolean }
  ): DnsRecord[] {
    if (isService && (service === undefined || type !== TYPE.SRV)) return []
    if (type === TYPE.A) return addressRecords(name, 'A', endpoints, ttlS)
    if (type === TYPE.AAAA) return addressRecords(name, 'AAAA', endpoints, ttlS)
    if (type === TYPE.SRV) return serviceRecords(name, this.#options.cloud, endpoints, ttlS, service)
    return type === TYPE.TXT ? textRecords(name, endpoints, ttlS) : []
  }

  /** Whether something listens by TCP under that name of a port; `_tcp` alone is there where anything does. */
  #isServed ({ endpoints }: Resolved, service: string | undefined, protocol: string | undefined): boolean {
    return protocol === 'tcp' && endpoints.some(({ ports }) => service === undefined
      ? Object.values(ports).some(port => port > 0)
      : (ports[service] ?? 0) > 0)
  }

  async #find (labels: readonly string[]): Promise<Found> {
    const name = labels.slice(0, -1).join('.')
    const { domains } = this.#ports
    if (!isName(name)) return 'nothing'
    try {
      const resolved = await this.#ports.resolve(name)
      domains.note(name)
      return { resolved }
    } catch (error) {
      if (!isCloudError(error, 'ENOENT')) throw error
      return labels.join('.') === this.#apex || await domains.has(name) ? { resolved: undefined } : 'nothing'
    }
  }

  async #answerReverse (name: string, type: number): Promise<Answer> {
    const { cloud, ttlMaxS: ttlS } = this.#options
    const nodes = await this.#ports.nodesAt(name)
    if (nodes.length === 0) return bareAnswer(RCODE.refused, { keepMs: KEPT_MS_MAX })
    // There is no zone of ours here whose SOA could stand in an empty answer.
    if (type !== TYPE.PTR) return bareAnswer(RCODE.ok, { isAuthoritative: true, keepMs: KEPT_MS_MAX })
    const records = nodes.map((node): DnsRecord => ({ name, type: 'PTR', ttlS, data: hostName(node, cloud) }))
    return this.#positive(records, [], KEPT_MS_MAX)
  }

  #answerApex (type: number): Answer {
    if (type === TYPE.SOA) return this.#positive([this.#start()], [], KEPT_MS_MAX)
    const { cloud, nodeName, ttlMaxS: ttlS } = this.#options
    const data = hostName(nodeName, cloud)
    return this.#positive([{ name: this.#apex, type: 'NS', ttlS, data }], [], KEPT_MS_MAX)
  }

  #positive (answers: readonly DnsRecord[], additionals: readonly DnsRecord[], ttlMs: number): Answer {
    const [{ ttlS } = { ttlS: 0 }] = answers
    const keepMs = Math.min(KEPT_MS_MAX, Math.max(0, ttlMs - ttlS * 1000))
    return { rcode: RCODE.ok, isAuthoritative: true, answers, authorities: [], additionals, keepMs }
  }

  /** For how long it may be remembered that there is nothing stands in the SOA (RFC 2308). */
  #negative (rcode: number): Answer {
    const authorities = [this.#start()]
    return { rcode, isAuthoritative: true, answers: [], authorities, additionals: [], keepMs: KEPT_MS_MAX }
  }

  #start (): DnsRecord {
    const { cloud, nodeName, nothingTtlS } = this.#options
    const data = {
      mname: hostName(nodeName, cloud), rname: `hostmaster.${this.#apex}`,
      // Nobody copies the zone; that the number grows is all that it has to do.
      serial: Math.floor(this.#ports.clock.wallMs() / 1000) % 2 ** 32,
      refresh: 3600, retry: 600, expire: 86_400, minimum: nothingTtlS
    }
    return { name: this.#apex, type: 'SOA', ttlS: nothingTtlS, data }
  }

  /** What is said to who asks for everything, so that nobody is flooded with it (RFC 8482). */
  #minimal (name: string): DnsRecord {
    return { name, type: 'HINFO', ttlS: this.#options.nothingTtlS, data: { cpu: 'RFC8482', os: '' } }
  }

  /** So that it is out of date nowhere later than it would be here, where whole replies are kept for a moment. */
  #ttlS ({ ttlMs }: Resolved): number {
    return Math.min(this.#options.ttlMaxS, Math.max(0, Math.ceil(ttlMs / 1000) - 1))
  }
}

function isName (text: string): boolean {
  try {
    return canonicalName(text) === text
  } catch {
    return false
  }
}

/** `_http._tcp` before a name (RFC 2782); a label alone that begins so is the domain of such. */
function serviceOf (labels: readonly string[]) {
  const [first = '', second = ''] = labels
  if (second.startsWith('_')) return { service: first.slice(1), protocol: second.slice(1), rest: labels.slice(2) }
  if (first.startsWith('_')) return { service: undefined, protocol: first.slice(1), rest: labels.slice(1) }
  return { service: undefined, protocol: undefined, rest: labels }
}
