import type { MetricRegister } from '@welkin/interface'

export function registerMetrics (register: MetricRegister) {
  return {
    records: register.gauge('welkin_directory_records', { help: 'Records that this node keeps for others.' }),
    bytes: register.gauge('welkin_directory_kept_bytes', { help: 'Bytes of these records.' }),
    looks: register.counter('welkin_directory_look_ups_total', {
      help: 'Look-ups of this node, by what was done and how it ended.', labels: ['what', 'outcome']
    }),
    seconds: register.histogram('welkin_directory_look_up_seconds', {
      help: 'How long they took.', labels: ['what'], buckets: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3]
    }),
    asked: register.counter('welkin_directory_peers_asked_total', {
      help: 'Questions to peers, by what became of them.', labels: ['outcome']
    }),
    repaired: register.counter('welkin_directory_holders_repaired_total', {
      help: 'Holders that were behind, and were given what others had.'
    }),
    handed: register.counter('welkin_directory_records_handed_over_total', {
      help: 'Records that were given to nodes which are to keep them from now on.'
    }),
    refused: register.counter('welkin_directory_questions_refused_total', {
      help: 'Questions of peers that were refused, by the code of the error.', labels: ['code']
    })
  }
}

export type DirectoryMetrics = ReturnType<typeof registerMetrics>
