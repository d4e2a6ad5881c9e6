import type { MetricRegister } from '@welkin/interface'

export function registerMetrics (register: MetricRegister) {
  return {
    queries: register.counter('welkin_dns_queries_total', {
      help: 'DNS queries that came, by transport.', labels: ['transport']
    }),
    answers: register.counter('welkin_dns_answers_total', {
      help: 'DNS answers that were worked out, by response code.', labels: ['code']
    }),
    kept: register.counter('welkin_dns_kept_answers_total', { help: 'DNS queries answered as a moment before.' }),
    limited: register.counter('welkin_dns_limited_total', {
      help: 'DNS queries of networks that asked too often, by what became of them.', labels: ['outcome']
    })
  }
}

export type DnsMetrics = ReturnType<typeof registerMetrics>
