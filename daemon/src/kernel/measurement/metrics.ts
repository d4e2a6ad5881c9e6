import type { MetricRegister } from '@welkin/interface'

export function registerMetrics (register: MetricRegister) {
  return {
    samples: register.counter('welkin_measurement_samples_total', {
      help: 'Round trips to other nodes, by what became of them.', labels: ['outcome']
    }),
    error: register.gauge('welkin_measurement_coordinate_error_ratio', {
      help: 'By how much this node\'s estimates of distances are off, as it believes.'
    }),
    rtt: register.histogram('welkin_measurement_rtt_seconds', {
      help: 'Round trips to other nodes.', buckets: [0.0001, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3]
    })
  }
}

export type MeasurementMetrics = ReturnType<typeof registerMetrics>
