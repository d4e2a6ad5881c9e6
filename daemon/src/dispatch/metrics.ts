import type { MetricRegister } from '@welkin/interface'

export function registerMetrics (register: MetricRegister) {
  return {
    calls: register.counter('welkin_dispatch_calls_total', {
      help: 'System calls answered, by name and outcome.', labels: ['call', 'code']
    }),
    forwarded: register.counter('welkin_dispatch_forwarded_total', { help: 'System calls passed on to another node.' }),
    seconds: register.histogram('welkin_dispatch_call_seconds', {
      help: 'Time from a unary call\'s arrival to its reply.', buckets: [0.0001, 0.001, 0.01, 0.1, 1, 10]
    })
  }
}

export type DispatchMetrics = ReturnType<typeof registerMetrics>
