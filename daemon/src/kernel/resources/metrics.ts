import type { MetricRegister } from '@welkin/interface'

export function registerMetrics (register: MetricRegister) {
  return {
    nodes: register.gauge('welkin_resources_nodes', { help: 'Nodes of this site that are known.', labels: ['state'] }),
    sites: register.gauge('welkin_resources_sites', { help: 'Other sites of which a summary is known.' }),
    heard: register.counter('welkin_resources_statements_heard_total', {
      help: 'Statements of nodes received, by what became of them.', labels: ['outcome']
    }),
    stated: register.counter('welkin_resources_statements_made_total', { help: 'Statements of this node.' }),
    probes: register.counter('welkin_resources_probes_total', {
      help: 'Probes of other nodes, by their outcome.', labels: ['outcome']
    }),
    doubt: register.gauge('welkin_resources_self_doubt_ratio', {
      help: 'By how much longer than usual this node waits for others, since it may be slow itself.'
    }),
    nonsense: register.counter('welkin_resources_nonsense_ignored_total', {
      help: 'Messages of peers that no honest peer sends.'
    })
  }
}

export type ResourcesMetrics = ReturnType<typeof registerMetrics>
