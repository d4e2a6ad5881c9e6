import dnsPacket from 'dns-packet'
import { CloudError, type Endpoint, type Resolved } from '@welkin/interface'
import type { Naming } from '@welkin/naming'
import { Authority } from '../../../src/gateway/dns/authority.ts'
import { RCODE } from '../../../src/gateway/dns/codes.ts'
import { Domains } from '../../../src/gateway/dns/domains.ts'
import { readQuery, type Query } from '../../../src/gateway/dns/query.ts'
import { composeReply } from '../../../src/gateway/dns/reply.ts'
import { reverseName } from '../../../src/gateway/dns/reverse.ts'

export const RCODES = Object.fromEntries(Object.entries(RCODE).map(([name, code]) => [code, name]))

/** The class by number, of types that dns-packet has no name for. */
export interface Ask { type?: string, id?: number, edns?: number, flags?: number, class?: string }

export function ask (name: string, { type = 'A', id = 7, edns, flags = 0, class: klass = 'IN' }: Ask = {}): Buffer {
  return dnsPacket.encode({
    type: 'query', id, flags, questions: [{ name, type: type as 'A', class: klass as 'IN' }],
    additionals: edns === undefined
      ? []
      : [{ type: 'OPT', name: '.', udpPayloadSize: edns, extendedRcode: 0, ednsVersion: 0, flags: 0, flag_do: false,
          options: [] }]
  })
}

/** The same as a query that was read. */
export function query (name: string, options: Ask = {}): Query {
  return readQuery(ask(name, options)) as Query
}

export interface Told {
  rcode: string
  flags: { aa: boolean, tc: boolean, ra: boolean, rd: boolean }
  id: number | undefined
  questions: string[]
  answers: string[]
  authorities: string[]
  additionals: string[]
}

/** A reply in words, read by a decoder that is not ours. */
export function tell (reply: Buffer): Told {
  const packet = dnsPacket.decode(reply)
  const words = (records: typeof packet.answers = []): string[] => records.map(record => {
    if (record.type === 'OPT') return `OPT ${record.udpPayloadSize} ${record.extendedRcode}`
    const { name, type, ttl, data } = record as { name: string, type: string, ttl: number, data: unknown }
    return [name, ttl, type, wordsOf(type, data)].join(' ')
  })
  return {
    rcode: RCODES[reply.readUInt16BE(2) & 15] ?? '?',
    id: packet.id,
    flags: { aa: packet.flag_aa, tc: packet.flag_tc, ra: packet.flag_ra, rd: packet.flag_rd },
    questions: (packet.questions ?? []).map(({ name, type }) => `${name} ${type}`),
    answers: words(packet.answers), authorities: words(packet.authorities), additionals: words(packet.additionals)
  }
}

function wordsOf (type: string, data: unknown): string {
  if (type === 'SRV') {
    const { priority, weight, port, target } = data as Record<string, string | number>
    return `${priority} ${weight} ${port} ${target}`
  }
  if (type === 'TXT') return (data as Buffer[]).map(String).join(' ')
  if (type === 'SOA') {
    const { mname, rname, minimum } = data as Record<string, string | number>
    return `${mname} ${rname} ${minimum}`
  }
  return typeof data === 'string' ? data : JSON.stringify(data)
}

export function endpoint (of: Partial<Endpoint>): Endpoint {
  return { addresses: [], ports: {}, ...of }
}

export const WEB = 'a'.repeat(32)

/** What the names of a played cloud stand for. */
export class PlayedNames {
  readonly found = new Map<string, Resolved | CloudError>()
  readonly asked: string[] = []
  readonly listed: string[] = []
  readonly listeners = new Set<(name: string) => void>()
  listFails = false

  constructor () {
    this.set('web.alice.acme', [
      endpoint({
        object: WEB, node: 'id3', nodeName: 'n3', addresses: ['10.0.0.3', 'fd00::3'], rttMs: 1,
        ports: { http: 8080, admin: 9090, mail: 0 }
      }),
      endpoint({ object: 'b'.repeat(32), node: 'id4', nodeName: 'n4', addresses: ['10.0.0.4'], rttMs: 50,
        ports: { http: 8081 } })
    ])
    this.set('n3.node.acme', [endpoint({ node: 'id3', nodeName: 'n3', addresses: ['10.0.0.3', 'fd00::3'] })])
    this.found.set('www.acme', this.found.get('web.alice.acme') as Resolved)
    this.found.set('lost.acme', new CloudError('EHOSTDOWN', 'All down.'))
    this.found.set('circle.acme', new CloudError('EINVAL', 'It leads to itself.'))
  }

  set (name: string, endpoints: Endpoint[], ttlMs = 10_000): void {
    this.found.set(name, { name, endpoints, ttlMs })
  }

  resolve = async (name: string): Promise<Resolved> => {
    this.asked.push(name)
    const found = this.found.get(name)
    if (found === undefined) throw new CloudError('ENOENT', `There is no ${name}.`)
    if (found instanceof CloudError) throw found
    return found
  }

  list = async ({ under = '' }: { under?: string } = {}) => {
    this.listed.push(under)
    if (this.listFails) throw new CloudError('ETIMEDOUT', 'Too slow.')
    const names = [...this.found.keys()].filter(name => name.endsWith(`.${under}`))
    return { names: names.map(name => ({ name, rule: 'latest' as const, entries: [], ttlMs: 1 })), silent: [] }
  }

  onChanged = (listener: (name: string) => void) => {
    this.listeners.add(listener)
    return () => { this.listeners.delete(listener) }
  }

  /** For whoever needs no more of it. */
  asNaming (): Naming {
    return this as unknown as Naming
  }
}

export class HandClock {
  nowMs = 1000
  monotonicMs = (): number => this.nowMs
  wallMs = (): number => this.nowMs
  after = () => () => {}
}

export function authorityOf (names: PlayedNames, clock = new HandClock()): Authority {
  const nodes = new Map([[reverseName('10.0.0.3'), ['n3']], [reverseName('fd00::3'), ['n3']]])
  return new Authority({
    resolve: names.resolve, domains: new Domains({ names: names.asNaming(), clock }, 'acme'), clock,
    nodesAt: async reverse => nodes.get(reverse) ?? [], log: { error () {}, warn () {}, info () {}, debug () {} }
  }, { cloud: 'acme', nodeName: 'n1', ttlMaxS: 5, nothingTtlS: 1 })
}

/** What the authority says, as it would arrive. */
export async function answered (
  name: string, options: Ask = {}, { names = new PlayedNames(), bytesMax = 4096 } = {}
): Promise<Told & { keepMs: number }> {
  const asked = query(name, options)
  const answer = await authorityOf(names).answer(asked.question as NonNullable<Query['question']>)
  return { ...tell(composeReply(asked, answer, bytesMax)), keepMs: answer.keepMs }
}
