import type { MetricRegister } from '@welkin/interface'

export function registerMetrics (register: MetricRegister) {
  return {
    nodes: register.gauge('welkin_resources_nodes', { help: 'Nodes known, by state.', labels: ['state'] }),
    announced: register.counter('welkin_resources_announcements_sent_total', { help: 'Announcements published.' }),
    heard: register.counter('welkin_resources_announcements_heard_total', {
      help: 'Announcements received, by what became of them.', labels: ['outcome']
    })
  }
}

export type ResourcesMetrics = ReturnType<typeof registerMetrics>
