/** DNS for programs that know nothing of us: the cloud's domain, answered by any of its nodes, and nothing else. */
export { serveDns, type DnsGateway, type DnsOptions, type DnsPorts } from './dns.ts'
export { parseDnsAddress } from './address.ts'
export { Authority } from './authority.ts'
export { readQuery } from './query.ts'
export { bareAnswer, composeReply } from './reply.ts'
