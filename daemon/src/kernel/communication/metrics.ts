import type { MetricRegister } from '@welkin/interface'

export function registerMetrics (register: MetricRegister) {
  return {
    dialled: register.counter('welkin_communication_dials_total', { help: 'Dials, by outcome.', labels: ['code'] }),
    passedOver: register.counter('welkin_communication_endpoints_passed_over_total', {
      help: 'Endpoints that did not answer a dial, or refused it, so that the next was tried.'
    }),
    open: register.gauge('welkin_communication_connections', { help: 'Connections to objects of this node.' }),
    seconds: register.histogram('welkin_communication_dial_seconds', {
      help: 'Time from a dial to somebody being there.', buckets: [0.001, 0.01, 0.1, 1, 10]
    })
  }
}

export type CommunicationMetrics = ReturnType<typeof registerMetrics>
