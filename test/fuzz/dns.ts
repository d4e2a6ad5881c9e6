import dnsPacket from 'dns-packet'
import { Authority, bareAnswer, composeReply, readQuery } from '@welkin/daemon/dns'
import { CloudError, SILENT } from '@welkin/interface'
import { Accepted, type Target } from './fuzz.ts'
import { mutateBytes } from './mutator.ts'

const BYTES_MAX = 512

function query (name: string, type: string, more: object = {}): Uint8Array {
  return new Uint8Array(dnsPacket.encode({
    type: 'query', id: 7, flags: 0x100, questions: [{ name, type: type as 'A', class: 'IN' }], ...more
  }))
}

const OPT = {
  type: 'OPT', name: '.', udpPayloadSize: 1232, extendedRcode: 0, ednsVersion: 0, flags: 0, flag_do: false, options: []
} as const

const QUERIES = [
  query('web.alice.acme.welkin', 'A'), query('web.alice.acme.welkin', 'ANY', { additionals: [OPT] }),
  query('_http._tcp.web.alice.acme.welkin', 'SRV', { additionals: [OPT] }), query('acme.welkin', 'SOA'),
  query('3.0.0.10.in-addr.arpa', 'PTR'), query(`${'0.'.repeat(32)}ip6.arpa`, 'PTR'),
  query('example.org', 'TXT', { additionals: [OPT, { name: 'a.b', type: 'A', data: '1.2.3.4' }] })
]

/** There is something by every name, and at every address. */
const authority = new Authority({
  resolve: async name => ({
    name, ttlMs: 1000,
    endpoints: [{ node: 'id', nodeName: 'n3', addresses: ['10.0.0.3', 'fd00::3'], ports: { http: 80 }, rttMs: 1 }]
  }),
  domains: { has: async () => true, note: () => {} },
  nodesAt: async () => ['n3'],
  clock: { monotonicMs: () => 0, wallMs: () => 0, after: () => () => {} },
  log: SILENT
}, { cloud: 'acme', nodeName: 'n1', ttlMaxS: 5, nothingTtlS: 1 })

/** Whatever comes is passed over, refused by a code, or answered by what others can read, no longer than allowed. */
export const DNS: Target = {
  name: 'dns',
  share: 0.5,
  refuses: ['EPROTO'],
  async attack (chance) {
    const packet = mutateBytes(chance.one(QUERIES), chance, QUERIES)
    const asked = readQuery(packet)
    if (asked === undefined) throw new CloudError('EPROTO', 'It is no asked.')
    const { fault, question } = asked
    const isGood = fault === undefined && question !== undefined
    const answer = isGood ? await authority.answer(question) : bareAnswer(fault ?? 1)
    const reply = composeReply(asked, answer, BYTES_MAX)
    const told = dnsPacket.decode(reply)
    if (!told.flag_qr || told.id !== asked.id || reply.length > BYTES_MAX) throw new Accepted('It is no answer.')
    if (!isGood) throw new CloudError('EPROTO', 'It is refused.')
  }
}
